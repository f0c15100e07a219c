/** What the 8042 sees of a device on one of its two serial ports. */
export interface Ps2Device {
	/** The next byte for the host, taken off the device's queue; -1 if there is none. */
	take(): number;
	/** A byte from the host: a command or its argument. */
	command(byte: number): void;
	/** Called by the device when it may have something to send. Set by the controller. */
	onReady: () => void;
}

export const PS2_ACK = 0xfa;
export const PS2_RESEND = 0xfe;
export const PS2_SELF_TEST_PASSED = 0xaa;
