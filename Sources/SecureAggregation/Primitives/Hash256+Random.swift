extension Hash256 {
    /// 32 random bytes to name something with: a session.
    /// - Throws: ``SecureAggregationError`` `.noEntropy`.
    public init(random entropy: any EntropySource, for purpose: EntropyPurpose) throws {
        let secret = try entropy.secret(byteCount: Hash256.byteCount, for: purpose)
        self = Hash256(of: Array("name".utf8), secret.withBytes { Array($0) })
    }
}
