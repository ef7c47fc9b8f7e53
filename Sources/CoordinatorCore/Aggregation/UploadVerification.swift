import Federation

/// Checks a complete upload before it counts.
struct UploadVerification {
    let codec: UpdateCodec
    let payloadByteCount: Int
    /// With privacy `off`: the largest magnitude of a coordinate in grid units; the last one, the weight, must not be negative either.
    let range: Int64?

    /// `nil` when the bytes are those the name promises and within range.
    func problem(with upload: UploadName, in storage: any BlobStorage) async throws -> RejectionReason? {
        var digest = DigestBuilder()
        var isInRange = true
        var last: Int64 = 0
        let block = codec.byteCount(coordinates: GridSum.blockLength)
        for offset in stride(from: 0, to: payloadByteCount, by: block) {
            let bytes = try await storage.read(upload, at: offset, exactly: min(block, payloadByteCount - offset))
            digest.add(bytes)
            if let range {
                let values = try codec.decode(bytes)
                isInRange = isInRange && values.allSatisfy { $0.magnitude <= UInt64(range) }
                last = values.last ?? 0
            }
        }
        if digest.finish() != upload.payload { return .digestMismatch }
        return isInRange && (range == nil || last >= 0) ? nil : .outOfRange
    }
}
