/// What is wrong with a key, certificate, request, token or identity file, and what to do about it.
public struct IdentityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Chosen by what the caller can do next.
    public struct Code: Sendable, Hashable {
        private enum Value { case malformed, untrusted, expired, wrongUsage, wrongName, alreadyExists, fileAccess }
        private let value: Value
        /// Bytes or text do not have the form they should have.
        public static let malformed = Code(value: .malformed)
        /// Not signed by the federation's certificate authority.
        public static let untrusted = Code(value: .untrusted)
        /// Outside its period of validity.
        public static let expired = Code(value: .expired)
        /// A certificate made for something else.
        public static let wrongUsage = Code(value: .wrongUsage)
        /// The certificate names somebody else.
        public static let wrongName = Code(value: .wrongName)
        /// A file that must not be overwritten is there.
        public static let alreadyExists = Code(value: .alreadyExists)
        /// A file cannot be read or written.
        public static let fileAccess = Code(value: .fileAccess)
    }
    public var code: Code
    /// Names the cause and the remedy; never contains a secret.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { message }
}
