/// Why a node's storage refuses or fails; the message names the cause and the remedy.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// No space, or a size limit. Nothing was changed.
        case full
        /// The file was imported before.
        case alreadyImported
        /// Stored bytes do not have their digest or form.
        case corrupted
        /// The request contradicts what is stored.
        case conflict
        /// Another process holds the store, or a file cannot be read or written.
        case unavailable
    }
    public var code: Code
    public var message: String
    public var cause: (any Error)?
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
    public var description: String { message }
}
