/// A file operation that failed and changed nothing; the message names the cause and the remedy.
public struct FileFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// No space is left, or a size limit was met.
    public var isFull: Bool
    public var message: String
    public init(isFull: Bool, message: String) {
        self.isFull = isFull
        self.message = message
    }
    public var description: String { message }
}
