import Federation
import Foundation
import GRPCCore

/// The stream of an upload as a source of bytes: read in order, never further than the header announced.
actor IncomingUpdate: UpdateSource {
    nonisolated let header: UpdateHeader
    nonisolated let startOffset: Int

    private typealias Stream = RPCAsyncSequence<Tributary_Federation_V1_UploadRequest, any Error>
    private var iterator: Stream.AsyncIterator
    /// Where in the payload the next byte to hand out lies.
    private var position: Int
    /// Received and not yet handed out.
    private var pending: ArraySlice<UInt8> = []
    private var isReading = false

    /// Reads the header message.
    /// - Throws: `WireFormatError` when the stream does not begin with one.
    init(_ stream: RPCAsyncSequence<Tributary_Federation_V1_UploadRequest, any Error>) async throws {
        var iterator = stream.makeAsyncIterator()
        guard let first = try await iterator.next(), case .begin(let begin) = first.part else {
            throw WireFormatError("an upload begins with its header")
        }
        header = try begin.header.header()
        startOffset = try WireField.byteCount(begin.offset, "offset")
        guard startOffset <= header.payloadByteCount else { throw WireFormatError("offset \(startOffset) is beyond the payload") }
        position = startOffset
        self.iterator = iterator
    }

    func read(at offset: Int, maximumCount: Int) async throws -> [UInt8] {
        precondition(!isReading && offset == position && maximumCount > 0, "an upload is read once, from its start to its end")
        if pending.isEmpty {
            isReading = true
            defer { isReading = false }
            var local = iterator
            let message: Tributary_Federation_V1_UploadRequest?
            do {
                message = try await local.next(isolation: self)
            } catch {
                throw FederationError(.unavailable, "the upload broke off at byte \(offset)", cause: error)
            }
            iterator = local
            guard let message else { return [] }
            guard case .chunk(let data) = message.part else { throw WireFormatError("an upload has one header, then chunks only") }
            let chunk = try WireField.chunk(data, "chunk")
            guard chunk.count <= header.payloadByteCount - position else {
                throw WireFormatError("the upload has more bytes than the \(header.payloadByteCount) of its header")
            }
            pending = chunk[...]
        }
        let result = pending.prefix(maximumCount)
        pending = pending.dropFirst(result.count)
        position += result.count
        return Array(result)
    }
}
