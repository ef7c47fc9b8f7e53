internal import DurableFiles
internal import Federation
internal import GRDB

/// Errors of SQLite and of files as the coordinator's own, with cause and remedy.
func translatingErrors<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DatabaseError { throw translated(error) } catch let error as FileFailure { throw translated(error) }
}

func translatingErrors<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as DatabaseError { throw translated(error) } catch let error as FileFailure { throw translated(error) }
}

private func translated(_ error: FileFailure) -> FederationError { FederationError(.unavailable, error.message, cause: error) }

private func translated(_ error: DatabaseError) -> FederationError {
    let text = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_TOOBIG:
        return FederationError(.unavailable, "the coordinator's database cannot grow (\(text)). Nothing was changed; free some space on its file system and repeat.", cause: error)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
        return FederationError(.unavailable, "another process holds the coordinator's database (\(text)); wait for it or stop it.", cause: error)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
        return FederationError(.corrupted, "the coordinator's database is damaged (\(text)); restore it from a backup.", cause: error)
    case .SQLITE_CONSTRAINT:
        return FederationError(.failedPrecondition, "the coordinator's database refuses a contradiction (\(text)).", cause: error)
    default:
        return FederationError(.unavailable, "the coordinator's database cannot be used (\(text)); check the directory's owner and permissions.", cause: error)
    }
}
