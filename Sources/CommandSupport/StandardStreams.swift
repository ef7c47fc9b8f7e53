#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Lines to the process's standard streams, each written whole, so that lines of concurrent tasks do not mix.
public enum StandardStreams {
    public static func output(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }
    public static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }
    /// Text without a line end, for a progress line on a terminal.
    public static func outputFragment(_ text: String) { write(text, to: STDOUT_FILENO) }
    /// Whether a person watches standard output.
    public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                // A reader that went away ends the output, not the process.
                if errno == EINTR { continue }
                return
            }
            bytes = bytes.dropFirst(written)
        }
    }
    private static func systemWrite(_ descriptor: Int32, _ pointer: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, pointer, count)
        #else
        Darwin.write(descriptor, pointer, count)
        #endif
    }
}
