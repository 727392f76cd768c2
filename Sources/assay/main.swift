import AssayCommands
import Glibc

exit(await CommandLineEntry.run())
