internal import EdgeRuntime
internal import Federation
internal import Foundation
internal import GRDB

extension [UInt8] {
    /// As SQLite takes it.
    var data: Data { Data(self) }
}

extension Digest {
    var data: Data { Data(bytes) }

    /// - Throws: ``StorageError`` `.corrupted` unless there are 32 bytes.
    init(stored data: Data) throws {
        guard let digest = Digest(bytes: data) else {
            throw StorageError(.corrupted, "The node's database holds a digest of \(data.count) bytes; restore it from a copy.")
        }
        self = digest
    }
}
