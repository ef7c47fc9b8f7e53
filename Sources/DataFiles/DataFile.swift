internal import Crypto
#if canImport(Glibc)
internal import Glibc
#endif
internal import Interactions

/// A file on disk read in chunks, unpacked if it is gzip, its SHA-256 taken on the way.
public struct DataFile: Sendable {
    public let path: String
    /// The last part of the path, by which messages name the file.
    public let name: String

    public init(path: String) {
        self.path = path
        self.name = path.split(separator: "/").last.map(String.init) ?? path
    }

    /// Size of the chunks handed out, in bytes.
    static let chunkBytes = 1 << 18

    /// Hands the file's content, unpacked, to `body` chunk after chunk.
    /// - Returns: the SHA-256 of the file as stored, 32 bytes.
    /// - Throws: ``ImportError`` when the file cannot be read or its compression is broken, and what `body` throws.
    public func read(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable("cannot be opened") }
        defer { close(descriptor) }
        var hash = SHA256()
        var gunzip: Gunzip?
        var isFirst = true
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try fill(buffer, from: descriptor)
            let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hash.update(bufferPointer: chunk)
            if isFirst {
                isFirst = false
                if chunk.starts(with: [0x1F, 0x8B]) { gunzip = try Gunzip(fileName: name) }
            }
            if count == 0 { break }
            let bytes = chunk.assumingMemoryBound(to: UInt8.self)
            if gunzip != nil { try gunzip?.unpack(bytes, body) } else { try body(bytes) }
        }
        try gunzip?.finish()
        return Array(hash.finalize())
    }

    /// The whole content, unpacked.
    /// - Parameter limit: the most bytes the content may have.
    public func contents(limit: Int = 1 << 30) throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try read { chunk in
            guard bytes.count + chunk.count <= limit else {
                throw ImportError(.unsupported, at: .init(fileName: name), "the file is larger than the \(limit) bytes that are read at once")
            }
            bytes.append(contentsOf: chunk)
        }
        return bytes
    }

    /// The first bytes of the content, unpacked; fewer if the file is shorter.
    public func start(_ count: Int) throws -> [UInt8] {
        struct Enough: Error {}
        var bytes: [UInt8] = []
        do {
            _ = try read { chunk in
                bytes.append(contentsOf: chunk.prefix(count - bytes.count))
                if bytes.count >= count { throw Enough() }
            }
        } catch is Enough {}
        return bytes
    }

    /// Reads until the buffer is full or the file ends.
    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable("cannot be read") }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    private func unreadable(_ what: String) -> ImportError {
        let reason = String(cString: strerror(errno))
        return ImportError(.unreadable, at: .init(fileName: path), "the file \(what): \(reason); check the path and its permissions")
    }
}
