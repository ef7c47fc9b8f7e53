import Crypto

/// Bytes that must never be seen: keys, seeds, shares. They are wiped when the last copy goes, and no description shows them.
public struct SecretBytes: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let storage: SymmetricKey

    /// A copy of the bytes; the caller wipes its own.
    public init(_ bytes: UnsafeRawBufferPointer) { storage = SymmetricKey(data: bytes) }
    init(_ key: SymmetricKey) { storage = key }

    public var byteCount: Int { storage.bitCount / 8 }
    var symmetricKey: SymmetricKey { storage }

    /// The bytes, for the time of the call.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result { try storage.withUnsafeBytes(body) }

    public var description: String { "SecretBytes(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// A buffer for secrets that is wiped when the call is over.
func withWipedBytes<Result>(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { buffer in
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        defer { wipe(buffer) }
        return try body(buffer)
    }
}
