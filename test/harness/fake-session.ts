// A session on a fake machine.

import { type BootOptions, bootWith } from "../../src/script/boot.ts";
import type { Session } from "../../src/script/session.ts";
import { FakeHost } from "./fake-host.ts";
import { FakeMachine } from "./fake-machine.ts";

export interface FakeSession {
	session: Session;
	machine: FakeMachine;
	host: FakeHost;
}

export async function fakeSession(options: BootOptions = {}, host = new FakeHost()): Promise<FakeSession> {
	let machine = new FakeMachine();
	const session = await bootWith({ host, createPc: (pc) => (machine = new FakeMachine(pc)) }, options);
	return { session, machine, host };
}
