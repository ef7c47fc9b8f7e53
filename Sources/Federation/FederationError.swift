/// An error at the boundary of the federation: what went wrong, in the user's terms, and what to do.
public struct FederationError: Error, Sendable, CustomStringConvertible {
    /// Chosen by what the caller should do next.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String { case invalidPlan, invalidArgument, unavailable, rejected, notFound, failedPrecondition, budgetExhausted, unauthenticated, corrupted, internalError }
        private let value: Value
        /// The plan breaks a rule; mend the plan file.
        public static let invalidPlan = Code(value: .invalidPlan)
        /// A request that no retry will mend.
        public static let invalidArgument = Code(value: .invalidArgument)
        /// Nobody answered or the other side is busy: retry later.
        public static let unavailable = Code(value: .unavailable)
        /// The other side understood and refuses.
        public static let rejected = Code(value: .rejected)
        public static let notFound = Code(value: .notFound)
        /// Something else must be done first.
        public static let failedPrecondition = Code(value: .failedPrecondition)
        /// The node's users' privacy budget does not cover it.
        public static let budgetExhausted = Code(value: .budgetExhausted)
        /// The certificate is missing, expired, revoked or of another federation.
        public static let unauthenticated = Code(value: .unauthenticated)
        /// Stored or received bytes do not have their digest or form.
        public static let corrupted = Code(value: .corrupted)
        public static let internalError = Code(value: .internalError)
        public var description: String { value.rawValue }
    }
    public var code: Code
    /// Names the cause and the remedy.
    public var message: String
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
    public var description: String { message }
}
