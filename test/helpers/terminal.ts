import { pythonProgram } from './clients.ts';

// Its arguments run in a session of their own on a pseudo-terminal, whose keys come from standard
// input and whose screen goes to standard output. The end of the input closes the terminal.
const program = `
import os, pty, sys, select
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
isOpen = True
while isOpen:
    ready, _, _ = select.select([fd, 0], [], [])
    try:
        if fd in ready:
            shown = os.read(fd, 65536)
            os.write(1, shown)
            isOpen = len(shown) > 0
        if 0 in ready:
            typed = os.read(0, 65536)
            os.write(fd, typed)
            isOpen = isOpen and len(typed) > 0
    except OSError: isOpen = False
os.close(fd)
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
`;

/** The Ctrl+C key. */
export const ctrlC = '\x03';

/**
 * What runs a command line on a real terminal: standard input is the keyboard, and its end closes
 * the terminal; standard output is the screen. The exit code is the command's, 128+n for signal n.
 */
export async function onTerminal(): Promise<string[]> {
  return [await pythonProgram(), '-c', program];
}
