/* The way into a benchmark program that runs on the host: all of its phases, once. */
void kmain(void);

unsigned int selected = -1;

int main(void)
{
	kmain();
	return 0;
}
