/*
 * Five bodies under gravity, step by step, in the type `real`: square roots, divisions and chains of dependent additions.
 * Included once for each type, with NBODY the name of the function.
 */
KERNEL u64 NBODY(int steps)
{
	real x[BODIES], y[BODIES], z[BODIES], vx[BODIES], vy[BODIES], vz[BODIES], mass[BODIES];
	for (int i = 0; i < BODIES; i++) {
		x[i] = 3 * i - 5.5;
		y[i] = i * i - 4 * i + 0.25;
		z[i] = 1.5 - i * 0.75;
		vx[i] = 0.125 * i - 0.25;
		vy[i] = 0.375 - 0.25 * i;
		vz[i] = 0.0625 * (i - 2);
		mass[i] = 1 + i * 0.5;
	}
	const real dt = 0.001;
	for (int step = 0; step < steps; step++) {
		for (int i = 0; i < BODIES; i++)
			for (int j = i + 1; j < BODIES; j++) {
				const real dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
				const real square = dx * dx + dy * dy + dz * dz;
				const real pull = dt / (square * ROOT(square));
				vx[i] -= dx * mass[j] * pull;
				vy[i] -= dy * mass[j] * pull;
				vz[i] -= dz * mass[j] * pull;
				vx[j] += dx * mass[i] * pull;
				vy[j] += dy * mass[i] * pull;
				vz[j] += dz * mass[i] * pull;
			}
		for (int i = 0; i < BODIES; i++) {
			x[i] += dt * vx[i];
			y[i] += dt * vy[i];
			z[i] += dt * vz[i];
		}
	}
	u64 sum = 0;
	for (int i = 0; i < BODIES; i++)
		sum = sum * 31 + bits_of(x[i]) + bits_of(y[i]) + bits_of(z[i]);
	return sum;
}
