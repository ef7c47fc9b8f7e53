/// Why a part of secure aggregation refuses: the cause and the remedy, in the operator's terms.
public struct SecureAggregationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Chosen by what the caller should do next.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A parameter is outside its range; mend the plan, the policy or the roster.
        case invalidParameter = "invalid-parameter"
        /// Bytes from outside are not what they should be; the sender is broken or hostile.
        case malformed
        /// A key, signature or ciphertext does not check.
        case unauthentic
        /// The operating system or its cryptography library failed; nothing may be released.
        case noEntropy = "no-entropy"
    }
    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { message }
}
