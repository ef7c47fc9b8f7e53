internal import EdgeRuntime
internal import Foundation

/// Files that are there whole or not at all, in one directory of a node.
struct DurableDirectory: Sendable {
    let path: String

    /// Creates the directory, for its owner only, when there is none.
    init(creating path: String) throws {
        self.path = path
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw fileError("create the directory", path)
    }

    func path(of name: String) -> String { path + "/" + name }

    func size(of name: String) -> Int? {
        var status = stat()
        return stat(path(of: name), &status) == 0 ? Int(status.st_size) : nil
    }

    /// Writes to a temporary name, syncs, renames, syncs the directory. On failure the temporary file is removed.
    func write(_ bytes: [UInt8], to name: String) throws {
        let temporary = name + ".tmp"
        do {
            try withFile(temporary, flags: O_WRONLY | O_CREAT | O_TRUNC) { try writeAll(bytes, to: $0, path(of: temporary)) }
        } catch {
            unlink(path(of: temporary))
            throw error
        }
        try rename(temporary, to: name)
    }

    /// Makes a finished temporary file durable under its final name.
    func rename(_ name: String, to final: String) throws {
        guard Foundation.rename(path(of: name), path(of: final)) == 0 else { throw fileError("rename", path(of: name)) }
        try sync()
    }

    /// Appends at the end, which must be at `offset`; on failure what was written of it is cut off again.
    func append(_ bytes: [UInt8], at offset: Int, to name: String) throws {
        try withFile(name, flags: O_WRONLY | O_CREAT) { descriptor in
            guard lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else { throw fileError("write", path(of: name)) }
            do { try writeAll(bytes, to: descriptor, path(of: name), syncing: false) } catch {
                ftruncate(descriptor, off_t(offset))
                throw error
            }
        }
    }

    /// Up to `maximumCount` bytes at the offset; `nil` when there is no such file.
    func read(_ name: String, at offset: Int = 0, maximumCount: Int = .max) throws -> [UInt8]? {
        let descriptor = open(path(of: name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw fileError("open", path(of: name))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fileError("read", path(of: name)) }
        let wanted = max(0, min(maximumCount, Int(status.st_size) - offset))
        var bytes = [UInt8](repeating: 0, count: wanted)
        var filled = 0
        while filled < wanted {
            let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + filled, wanted - filled, off_t(offset + filled)) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw fileError("read", path(of: name)) }
            guard got > 0 else { return Array(bytes.prefix(filled)) }
            filled += got
        }
        return bytes
    }

    func syncFile(_ name: String) throws {
        try withFile(name, flags: O_WRONLY) { guard fsync($0) == 0 else { throw fileError("sync", path(of: name)) } }
    }

    /// Removing what is not there changes nothing.
    func remove(_ name: String) throws {
        guard unlink(path(of: name)) != 0 else { return try sync() }
        guard errno == ENOENT else { throw fileError("remove", path(of: name)) }
    }

    func names() throws -> [String] {
        guard let stream = opendir(path) else { throw fileError("list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private func sync() throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fileError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fileError("sync", path) }
    }

    private func withFile(_ name: String, flags: Int32, _ body: (Int32) throws -> Void) throws {
        let descriptor = open(path(of: name), flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fileError("open", path(of: name)) }
        defer { close(descriptor) }
        try body(descriptor)
    }
}

private func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String, syncing: Bool = true) throws {
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw fileError("write", path) }
        written += count
    }
    if syncing { guard fsync(descriptor) == 0 else { throw fileError("sync", path) } }
}

/// The last system error as a storage error with cause and remedy.
func fileError(_ verb: String, _ path: String) -> StorageError {
    let number = errno
    let cause = String(cString: strerror(number))
    switch number {
    case ENOSPC, EDQUOT, EFBIG:
        return StorageError(.full, "Cannot \(verb) \(path): \(cause). Nothing was changed; free some space on that file system and repeat.")
    default:
        return StorageError(.unavailable, "Cannot \(verb) \(path): \(cause). Check that the directory exists and belongs to the user who runs the node.")
    }
}
