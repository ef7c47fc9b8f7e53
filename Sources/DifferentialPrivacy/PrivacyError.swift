/// Why a privacy operation is refused: the cause and the remedy, in the operator's terms.
public struct PrivacyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Chosen by what the caller should do next.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A parameter is outside its range; mend the plan or the configuration.
        case invalidParameter = "invalid-parameter"
        /// Privacy `off`: a value is not finite or lies outside the plan's range; lower the learning rate or widen the range.
        case outOfRange = "out-of-range"
        /// The node's budget does not cover the request; nothing was charged.
        case budgetExhausted = "budget-exhausted"
        /// The node's cap per period does not cover the request now; nothing was charged. Time mends it.
        case periodExhausted = "period-exhausted"
        /// The ledger's own rules were broken by the caller, or its rows are damaged.
        case inconsistentLedger = "inconsistent-ledger"
        /// The operating system or its cryptography library gave no randomness; nothing may be released.
        case noEntropy = "no-entropy"
        /// No noise in the range searched meets the target.
        case unreachableTarget = "unreachable-target"
    }
    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { message }
}
