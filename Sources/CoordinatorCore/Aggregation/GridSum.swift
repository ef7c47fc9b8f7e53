import Federation
import SecureAggregation

/// The exact sum of a round's updates, read from storage in blocks: memory does not depend on how many there are.
struct GridSum {
    /// Coordinates of a block.
    static let blockLength = 1 << 16

    let codec: UpdateCodec
    let coordinateCount: Int

    /// Adds the updates to a vector that their masks are then removed from, and verifies their bytes once more on the way.
    /// - Throws: as ``sum(of:from:)``.
    func add(_ uploads: [UploadName], from storage: any BlobStorage, to sum: inout MaskedVector) async throws {
        for upload in uploads {
            var digest = DigestBuilder()
            for start in stride(from: 0, to: coordinateCount, by: Self.blockLength) {
                let count = min(Self.blockLength, coordinateCount - start)
                let bytes = try await storage.read(upload, at: codec.byteCount(coordinates: start), exactly: codec.byteCount(coordinates: count))
                digest.add(bytes)
                try bytes.withUnsafeBytes { try sum.add($0, at: start) }
            }
            guard digest.finish() == upload.payload else {
                throw FederationError(.corrupted, "The stored update of node \(upload.node) for round \(upload.round) is damaged.")
            }
        }
    }

    /// Sums the updates and verifies their bytes once more on the way.
    /// - Returns: centred coordinates.
    /// - Throws: ``FederationError`` `.corrupted` when stored bytes are not those that were accepted.
    func sum(of uploads: [UploadName], from storage: any BlobStorage) async throws -> [Int64] {
        var total: [Int64] = []
        total.reserveCapacity(coordinateCount)
        var digests = [DigestBuilder](repeating: DigestBuilder(), count: uploads.count)
        for start in stride(from: 0, to: coordinateCount, by: Self.blockLength) {
            var block = [Int64](repeating: 0, count: min(Self.blockLength, coordinateCount - start))
            for (index, upload) in uploads.enumerated() {
                let bytes = try await storage.read(
                    upload, at: codec.byteCount(coordinates: start), exactly: codec.byteCount(coordinates: block.count))
                digests[index].add(bytes)
                try codec.add(bytes, to: &block)
            }
            total.append(contentsOf: block.lazy.map(codec.centred))
        }
        for (upload, digest) in zip(uploads, digests) where digest.finish() != upload.payload {
            throw FederationError(.corrupted, "The stored update of node \(upload.node) for round \(upload.round) is damaged.")
        }
        return total
    }
}

extension BlobStorage {
    /// The bytes of a range of an update.
    func read(_ upload: UploadName, at offset: Int, exactly count: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try await read(upload, at: offset + bytes.count, maximumCount: count - bytes.count)
            guard !piece.isEmpty else {
                throw FederationError(.corrupted, "The stored update of node \(upload.node) for round \(upload.round) is cut off.")
            }
            bytes = bytes.isEmpty ? piece : bytes + piece
        }
        return bytes
    }

    /// All bytes of a blob, their digest verified.
    func readAll(_ digest: Digest) async throws -> [UInt8] {
        guard let count = try await byteCount(of: digest) else {
            throw FederationError(.corrupted, "The file \(digest.short)… is missing from the coordinator's directory. Restore it from a backup.")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let piece = try await read(digest, at: bytes.count, maximumCount: 1 << 20)
            if piece.isEmpty { break }
            bytes += piece
        }
        guard Digest(of: bytes) == digest else {
            throw FederationError(.corrupted, "The file \(digest.short)… in the coordinator's directory is damaged. Restore it from a backup.")
        }
        return bytes
    }
}
