public import EdgeRuntime
public import Federation

extension SQLiteNodeStorage {
    private static func unfinished(_ digest: Digest) -> String { digest.hex + ".part" }

    public func blobProgress(_ digest: Digest) async throws -> BlobProgress {
        if blobs.size(of: digest.hex) != nil { return .complete }
        return .partial(blobs.size(of: Self.unfinished(digest)) ?? 0)
    }

    public func appendToBlob(_ digest: Digest, at offset: Int, _ bytes: [UInt8]) async throws {
        let held = blobs.size(of: Self.unfinished(digest)) ?? 0
        guard offset == held else {
            throw StorageError(.conflict, "Bytes of \(digest.short) were delivered for offset \(offset) where \(held) are held; ask for the rest again.")
        }
        try blobs.append(bytes, at: offset, to: Self.unfinished(digest))
    }

    public func completeBlob(_ digest: Digest) async throws {
        if blobs.size(of: digest.hex) != nil { return }
        let name = Self.unfinished(digest)
        guard Digest(of: try blobs.read(name) ?? []) == digest else {
            try blobs.remove(name)
            throw StorageError(.corrupted, "The bytes received for \(digest.short) have another digest and were thrown away; they will be fetched again.")
        }
        try blobs.syncFile(name)
        try blobs.rename(name, to: digest.hex)
    }

    public func blob(_ digest: Digest) async throws -> [UInt8]? {
        guard let bytes = try blobs.read(digest.hex) else { return nil }
        guard Digest(of: bytes) == digest else {
            try blobs.remove(digest.hex)
            throw StorageError(.corrupted, "The stored file \(digest.short) was damaged and thrown away; it will be fetched again.")
        }
        return bytes
    }

    public func retainBlobs(_ digests: Set<Digest>) async throws {
        let kept = Set(digests.flatMap { [$0.hex, Self.unfinished($0)] })
        for name in try blobs.names() where !kept.contains(name) { try blobs.remove(name) }
    }
}
