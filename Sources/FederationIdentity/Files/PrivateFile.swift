#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Small files that must not leak or be half written.
enum PrivateFile {
    static let maximumByteCount = 256 * 1024

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes the directory with mode 0700 unless it exists.
    static func makeDirectory(_ path: String) throws {
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw failure("make the directory", path) }
    }

    /// Writes a new file with mode 0600 that nobody else could have opened before it had that mode.
    /// - Throws: `IdentityError` (`alreadyExists`).
    static func create(_ path: String, bytes: [UInt8], mode: mode_t = 0o600) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw IdentityError(.alreadyExists, "\(path) exists and is not overwritten: move it away first if it is no longer wanted") }
            throw failure("create", path)
        }
        do {
            try write(bytes, to: descriptor, path)
        } catch {
            close(descriptor)
            unlink(path)
            throw error
        }
        close(descriptor)
        try syncDirectory(of: path)
    }

    static func create(_ path: String, _ text: String) throws { try create(path, bytes: Array(text.utf8)) }

    /// Replaces the file in one step: written beside it under a name of its own, made durable, renamed.
    static func replace(_ path: String, _ text: String, mode: mode_t) throws {
        let temporary = path + ".new-\(getpid())"
        unlink(temporary)
        try create(temporary, bytes: Array(text.utf8), mode: mode)
        // The mode given to open is cut by the umask; for public files that would be a surprise, for private ones it cannot widen.
        chmod(temporary, mode)
        guard rename(temporary, path) == 0 else {
            let error = failure("replace", path)
            unlink(temporary)
            throw error
        }
        try syncDirectory(of: path)
    }

    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = buffer.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return result }
            result += buffer[..<count]
            guard result.count <= maximumByteCount else { throw IdentityError(.malformed, "\(path) is too large for an identity file") }
        }
    }

    static func remove(_ path: String) throws {
        if unlink(path) != 0 && errno != ENOENT { throw failure("remove", path) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt, _ path: String) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress! + offset, bytes.count - offset) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            offset += count
        }
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    private static func syncDirectory(of path: String) throws {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("write", directory) }
    }

    private static func failure(_ action: String, _ path: String) -> IdentityError {
        let code = errno
        return IdentityError(.fileAccess, "cannot \(action) \(path): \(String(cString: strerror(code)))")
    }
}

// Inside the enumeration `read` and `write` are its own.
private func systemRead(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int { read(descriptor, buffer, count) }
private func systemWrite(_ descriptor: CInt, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int { write(descriptor, buffer, count) }
