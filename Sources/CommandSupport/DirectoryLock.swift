#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs the body while this process holds a lock on the file; the system releases it when the process ends, however it ends.
/// - Throws: ``CommandFailure``: `.unavailable` with the given message when another process holds it.
public func withDirectoryLock<Value>(_ path: String, _ heldByAnother: String, _ body: () async throws -> Value) async throws -> Value {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
        throw CommandFailure(.cannotCreate, "cannot create \(path): \(String(cString: strerror(errno))). Check that the directory exists and belongs to you.")
    }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw CommandFailure(.unavailable, heldByAnother) }
    return try await body()
}
