public import CoordinatorCore
internal import DurableFiles
public import Federation

extension SQLiteCoordinatorStorage {
    public func store(_ bytes: [UInt8]) async throws -> Digest {
        let digest = Digest(of: bytes)
        try translatingErrors {
            if blobs.size(of: digest.hex) != bytes.count { try blobs.write(bytes, to: digest.hex) }
        }
        return digest
    }

    public func byteCount(of digest: Digest) async throws -> Int? { blobs.size(of: digest.hex) }

    public func read(_ digest: Digest, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        guard let bytes = try translatingErrors({ try blobs.read(digest.hex, at: offset, maximumCount: maximumCount) }) else {
            throw FederationError(.notFound, "there is no file \(digest.short) in \(blobs.path): restore the coordinator's blobs from a backup")
        }
        return bytes
    }

    public func byteCount(of upload: UploadName) async throws -> Int { uploads.size(of: upload.fileName) ?? 0 }

    public func append(_ bytes: [UInt8], to upload: UploadName, at offset: Int) async throws {
        let held = uploads.size(of: upload.fileName) ?? 0
        guard held == offset else {
            throw FederationError(.failedPrecondition, "bytes for offset \(offset) came where \(held) are held: ask for the upload's status and continue there")
        }
        try translatingErrors { try uploads.append(bytes, at: offset, to: upload.fileName, syncing: true) }
    }

    public func read(_ upload: UploadName, at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        guard let bytes = try translatingErrors({ try uploads.read(upload.fileName, at: offset, maximumCount: maximumCount) }) else {
            throw FederationError(.notFound, "no bytes of this upload are held")
        }
        return bytes
    }

    public func discard(_ upload: UploadName) async throws {
        try translatingErrors { try uploads.remove(upload.fileName) }
    }

    public func uploads(of plan: Digest) async throws -> [UploadName] {
        try translatingErrors { try uploads.names().compactMap(UploadName.init(fileName:)).filter { $0.plan == plan } }
    }
}

extension UploadName {
    /// Plan, round, payload and node, joined by dots; none of them contains one.
    fileprivate var fileName: String { [plan.hex, "\(round)", payload.hex, node.name].joined(separator: ".") }

    fileprivate init?(fileName: String) {
        let parts = fileName.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let plan = Digest(hex: parts[0]), let round = Int(parts[1]), round >= 1, let payload = Digest(hex: parts[2]),
            let node = NodeID(parts[3])
        else { return nil }
        self.init(plan: plan, round: RoundNumber(round), node: node, payload: payload)
    }
}
