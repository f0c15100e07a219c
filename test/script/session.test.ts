import { expect } from "chai";
import { Stopped, Timeout } from "../../src/script/errors.ts";
import { FakeHost } from "../harness/fake-host.ts";
import { textScreen } from "../harness/fake-machine.ts";
import { fakeSession } from "../harness/fake-session.ts";

async function failure(promise: Promise<unknown>): Promise<Error> {
	try {
		await promise;
	} catch (error) {
		return error as Error;
	}
	throw new Error("it was to fail and did not");
}

describe("a session", () => {
	it("waits for a text in guest time, however late it comes", async () => {
		const { session, machine } = await fakeSession();
		machine.at(20, () => machine.say("ready\r\n$ "));
		expect(await session.serial.expect("$ ")).to.equal("$ ");
		expect(session.time).to.be.within(20, 20.0011);
	});

	it("goes on behind a match, so that the same text has to come again", async () => {
		const { session, machine } = await fakeSession();
		machine.at(1, () => machine.say("$ "));
		machine.at(2, () => machine.say("ls\n$ "));
		await session.serial.expect("$ ");
		await session.serial.expect("$ ");
		expect(session.time).to.be.at.least(2);
	});

	it("finds a pattern in text without escape sequences, cut anywhere", async () => {
		const { session, machine } = await fakeSession();
		machine.at(0.5, () => machine.say("\x1b[1;3"));
		machine.at(0.6, () => machine.say("1mred\x1b[0m \xe4"));
		expect(await session.serial.expect(/r.d ä/)).to.equal("red ä");
	});

	it("fails with the lines sent, the screen, the registers and the place when the guest's time is up", async () => {
		const { session, machine } = await fakeSession();
		machine.cells = textScreen(["this is the screen"]);
		session.symbols.add([{ name: "idle", address: 0xff0n, size: 0x100n, kind: "function", image: "kernel" }]);
		machine.at(0.1, () => machine.say("booting\nstill booting\n"));
		const error = await failure(session.serial.expect("login:", { within: 2 }));
		expect(error).to.be.instanceOf(Timeout);
		expect(error.message).to.match(/^timeout: no "login:" on COM1 within 2 s of guest time\n/);
		for (const part of [
			"| still booting",
			"| this is the screen",
			"idle+0x10 (kernel)",
			"rax 0000000000000000",
		]) {
			expect(error.message).to.contain(part);
		}
		expect(session.time).to.equal(2);
	});

	it("says where a text is that was waited for at the wrong place", async () => {
		const { session, machine } = await fakeSession();
		machine.cells = textScreen(["login:"]);
		const onScreen = await failure(session.expect("login:", { within: 1 }));
		expect(onScreen.message).to.contain("hint: it is on the screen: expect it there");
		machine.say("once\n");
		await session.expect("once");
		const passed = await failure(session.expect("once", { within: 1 }));
		expect(passed.message).to.contain("hint: it has come once");
	});

	it("goes on from a snapshot, also after it has ended", async () => {
		const { session, machine } = await fakeSession();
		const snapshot = session.save();
		machine.at(1, () => machine.finish({ kind: "poweroff" }));
		await session.run(2);
		session.load(snapshot);
		expect(session.ended).to.equal(undefined);
		machine.at(session.time + 1, () => machine.say("again"));
		expect(await session.serial.expect("again")).to.equal("again");
	});

	it("stops at the wall-clock cap when the guest is too slow", async () => {
		const host = new FakeHost();
		host.tick = 100;
		const { session } = await fakeSession({ wallTimeout: 5 }, host);
		const error = (await failure(session.serial.expect("never", { within: 1e6 }))) as Timeout;
		expect(error.clock).to.equal("wall");
		expect(error.message).to.contain("wall-clock");
	});

	it("says that the machine stopped, and how, when something was still expected", async () => {
		const { session, machine } = await fakeSession();
		machine.at(1, () => machine.finish({ kind: "exit", value: 7 }));
		const error = (await failure(session.serial.expect("more"))) as Stopped;
		expect(error).to.be.instanceOf(Stopped);
		expect(error.ending).to.deep.equal({ kind: "exit", value: 7 });
		expect(error.message).to.contain('expected was "more" on COM1');
	});

	it("lets a panicking guest finish its report, then ends", async () => {
		const { session, machine } = await fakeSession();
		machine.at(1, () => machine.say("PANIC: no root\n"));
		machine.at(1.05, () => machine.say("  at mount+0x10\n"));
		machine.at(3, () => machine.say("after the end\n"));
		expect(await session.run(10)).to.deep.equal({ kind: "panic", line: "PANIC: no root" });
		expect(session.serial.text).to.contain("mount+0x10").and.not.contain("after the end");
	});

	it("still finds a panic's text that a script expects", async () => {
		const { session, machine } = await fakeSession();
		machine.at(1, () => machine.say("PANIC: as planned\n"));
		expect(await session.serial.expect(/PANIC: .*/)).to.equal("PANIC: as planned");
	});

	it("wakes a halted guest by a key if interrupts are enabled", async () => {
		const { session, machine } = await fakeSession();
		machine.onInput = (input) => input === "press KeyA" && machine.say("a");
		machine.at(0.001, () => machine.finish({ kind: "halted" }));
		await session.run(5);
		await session.keyboard.type("a");
		expect(await session.serial.expect("a")).to.equal("a");
	});

	it("ends where a guest has halted with interrupts disabled", async () => {
		const { session, machine } = await fakeSession();
		machine.processor.current.rflags = 2n;
		machine.at(0.5, () => machine.finish({ kind: "halted" }));
		expect(await session.run(5)).to.deep.equal({ kind: "halted" });
		expect(session.time).to.equal(0.5);
	});

	it("goes on after the guest's reset, unless told otherwise", async () => {
		const on = await fakeSession();
		on.machine.at(1, () => on.machine.finish({ kind: "reset" }));
		expect(await on.session.run(2)).to.equal(undefined);
		expect(on.session.resets).to.equal(1);
		const off = await fakeSession({ noReboot: true });
		off.machine.at(1, () => off.machine.finish({ kind: "reset" }));
		expect(await off.session.run(2)).to.deep.equal({ kind: "reset" });
	});

	it("types with shift where the layout needs it, and leaves no key down", async () => {
		const { session, machine } = await fakeSession();
		await session.keyboard.type("A1\n");
		expect(machine.inputs).to.deep.equal([
			"press ShiftLeft",
			"press KeyA",
			"release KeyA",
			"release ShiftLeft",
			"press Digit1",
			"release Digit1",
			"press Enter",
			"release Enter",
		]);
	});

	it("presses combinations in order and releases them in reverse", async () => {
		const { session, machine } = await fakeSession();
		await session.keyboard.press("Ctrl+Alt+Delete");
		expect(machine.inputs).to.deep.equal([
			"press ControlLeft",
			"press AltLeft",
			"press Delete",
			"release Delete",
			"release AltLeft",
			"release ControlLeft",
		]);
	});

	it("types nothing of a text that no keyboard can type", async () => {
		const { session, machine } = await fakeSession();
		expect((await failure(session.keyboard.type("aé"))).message).to.contain('"é"');
		expect(machine.inputs).to.deep.equal([]);
	});

	it("waits for text on the screen", async () => {
		const { session, machine } = await fakeSession();
		machine.at(3.21, () => (machine.cells = textScreen(["", "C:\\>"])));
		expect(await session.screen.expect("C:\\>")).to.equal("C:\\>");
		expect(session.time).to.be.within(3.21, 3.3);
		expect(session.screen.text()).to.equal("\nC:\\>");
	});

	it("gives two equal runs the same hash, and others another", async () => {
		const run = async (text: string) => {
			const { session, machine } = await fakeSession();
			machine.onInput = (input) => machine.ram.set(new TextEncoder().encode(input), 100);
			await session.keyboard.type(text);
			return session.hash();
		};
		expect(await run("abc")).to.equal(await run("abc"));
		expect(await run("abc")).to.not.equal(await run("abd"));
	});

	it("reads and writes physical memory", async () => {
		const { session } = await fakeSession();
		session.memory.write(0x500, Uint8Array.of(1, 2, 3));
		expect([...session.memory.read(0x4ff, 5)]).to.deep.equal([0, 1, 2, 3, 0]);
	});
});
