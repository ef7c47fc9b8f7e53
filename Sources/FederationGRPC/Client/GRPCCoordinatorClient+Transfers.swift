public import Federation
import Foundation
import GRPCCore
import SwiftProtobuf

extension GRPCCoordinatorClient {
    /// Continues after a broken connection where it stopped, so `deliver` sees every byte once and in order.
    public func download(_ digest: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws {
        var position = offset
        var hasProgressed = false
        try await withoutActuallyEscaping(deliver) { deliver in
            try await Retrying(policy: configuration.retry, connection: connection, logger: logger).run {
                let start = position
                let request = Tributary_Federation_V1_DownloadRequest.with {
                    $0.digest = Data(digest.bytes)
                    $0.offset = UInt64(start)
                }
                let attempt = try await Service(wrapping: grpc).download(request, options: Self.options(time: configuration.transferTime)) { response in
                    var count = 0
                    do {
                        for try await message in response.messages {
                            let bytes = try WireField.chunk(message.data, "data")
                            guard start + count + bytes.count < WireLimits.byteCountBound else { throw WireFormatError("the download does not end") }
                            do {
                                try await deliver(bytes)
                            } catch {
                                return TransferAttempt(byteCount: count, failure: nil, ownFailure: error)
                            }
                            count += bytes.count
                        }
                        return TransferAttempt(byteCount: count, failure: nil, ownFailure: nil)
                    } catch {
                        return TransferAttempt(byteCount: count, failure: error, ownFailure: nil)
                    }
                }
                position += attempt.byteCount
                hasProgressed = attempt.byteCount > 0
                if let failure = attempt.ownFailure { throw CallerFailure(error: failure) }
                if let failure = attempt.failure { throw failure }
            } hasProgressed: { hasProgressed }
        }
    }

    /// Continues after a broken connection at the offset the coordinator then names.
    public func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource) async throws -> UploadStatus {
        var start = offset
        var isRepeated = false
        var hasProgressed = false
        return try await Retrying(policy: configuration.retry, connection: connection, logger: logger).run {
            if isRepeated {
                let status = try await Service(wrapping: grpc)
                    .uploadStatus(.with { $0.header = .init(header) }, options: Self.options(time: configuration.requestTime)).state.status()
                guard case .incomplete(let position) = status else { return status }
                hasProgressed = position > start
                start = position
            }
            isRepeated = true
            return try await sendOnce(header, from: start, source: source)
        } hasProgressed: { hasProgressed }
    }

    private func sendOnce(_ header: UpdateHeader, from start: Int, source: any UpdateSource) async throws -> UploadStatus {
        let sourceFailure = FailureSlot()
        do {
            let response = try await Service(wrapping: grpc).upload(options: Self.options(time: configuration.transferTime)) { writer in
                try await writer.write(
                    .with {
                        $0.begin.header = .init(header)
                        $0.begin.offset = UInt64(start)
                    })
                var position = start
                while position < header.payloadByteCount {
                    let bytes: [UInt8]
                    do {
                        bytes = try await source.read(at: position, maximumCount: min(WireLimits.chunkByteCount, header.payloadByteCount - position))
                        if bytes.isEmpty { throw FederationError(.corrupted, "the stored update ends at byte \(position) of \(header.payloadByteCount)") }
                    } catch {
                        await sourceFailure.set(error)
                        throw error
                    }
                    try await writer.write(.with { $0.chunk = Data(bytes) })
                    position += bytes.count
                }
            }
            return try response.state.status()
        } catch {
            if let failure = await sourceFailure.error { throw CallerFailure(error: failure) }
            throw error
        }
    }
}

private struct TransferAttempt: Sendable {
    var byteCount: Int
    var failure: (any Error)?
    var ownFailure: (any Error)?
}

/// An error of the caller's closure or source; it is no reason to try again.
struct CallerFailure: Error {
    var error: any Error
}

private actor FailureSlot {
    private(set) var error: (any Error)?
    func set(_ error: any Error) { self.error = error }
}
