internal import DurableFiles
internal import EdgeRuntime
internal import GRDB

func translatingErrors<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DatabaseError { throw translated(error) } catch let error as FileFailure { throw translated(error) }
}

func translatingErrors<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as DatabaseError { throw translated(error) } catch let error as FileFailure { throw translated(error) }
}

private func translated(_ error: FileFailure) -> StorageError { StorageError(error.isFull ? .full : .unavailable, error.message, cause: error) }

private func translated(_ error: DatabaseError) -> StorageError {
    let text = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_TOOBIG:
        return StorageError(.full, "The node's database cannot grow (\(text)). Nothing was changed; free some space on its file system and repeat.", cause: error)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
        return StorageError(.unavailable, "Another process holds the node's database (\(text)); wait for it or stop it.", cause: error)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_MISMATCH:
        return StorageError(.corrupted, "The node's database is damaged (\(text)); restore it from a copy.", cause: error)
    case .SQLITE_CONSTRAINT:
        return StorageError(.conflict, "The node's database refuses a contradiction (\(text)).", cause: error)
    default:
        return StorageError(.unavailable, "The node's database cannot be used (\(text)); check the directory's owner and permissions.", cause: error)
    }
}
