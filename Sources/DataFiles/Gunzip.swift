internal import CZlib
internal import Interactions

/// Unpacks a gzip stream (RFC 1952), several members one after the other included, a chunk at a time.
struct Gunzip: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>
    private let fileName: String
    /// Whether the last member is complete, so that the file may end here.
    private var isComplete = false

    init(fileName: String) throws {
        self.fileName = fileName
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(capacity: DataFile.chunkBytes)
        // 15 bits of window, 16 for the gzip wrapping.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ImportError(.unreadable, at: .init(fileName: fileName), "there is not enough memory to unpack the file")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    mutating func unpack(_ input: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        // A full output buffer may hide more output than input that is left.
        var outputWasFull = false
        while stream.pointee.avail_in > 0 || outputWasFull {
            if isComplete {
                guard stream.pointee.avail_in > 0 else { break }
                inflateReset(stream)
                isComplete = false
            }
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let status = inflate(stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw ImportError(.unreadable, at: .init(fileName: fileName), "the gzip data is damaged; fetch the file again and compare its checksum")
            }
            isComplete = status == Z_STREAM_END
            outputWasFull = stream.pointee.avail_out == 0
            let count = output.count - Int(stream.pointee.avail_out)
            if count > 0 { try body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(output)[..<count])) }
        }
    }

    func finish() throws {
        guard isComplete else {
            throw ImportError(.unreadable, at: .init(fileName: fileName), "the gzip data ends too early; fetch the file again and compare its checksum")
        }
    }
}
