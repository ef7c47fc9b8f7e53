import Federation
import Logging
import Metrics

extension Coordinator {
    /// What the header leads to: bytes wanted under a name, or an answer.
    private enum Reception {
        case wanted(UploadName, PlanRun)
        case decided(UploadStatus)
    }

    private func receive(_ header: UpdateHeader, from node: NodeID) async throws -> Reception {
        guard let run = try readyRun() else { return .decided(.rejected(.unknownPlan)) }
        switch run.machine.verdict(on: header, from: node) {
        case .wanted:
            return .wanted(UploadName(plan: header.plan, round: header.round, node: node, payload: header.payload), run)
        case .decided(let status):
            return .decided(status)
        case .roundIsClosed:
            guard let record = try await storage.round(header.round, of: header.plan) else { return .decided(.rejected(.wrongRound)) }
            return .decided(record.status(of: header, from: node))
        }
    }

    func uploadStatus(of header: UpdateHeader, from node: NodeID) async throws -> UploadStatus {
        switch try await receive(header, from: node) {
        case .decided(let status): return counted(status, node)
        case .wanted(let upload, let run):
            let offset = try await storage.byteCount(of: upload)
            // All bytes came, but the answer, or this coordinator's last start, did not last until they were judged.
            if offset >= run.machine.payloadByteCount, !uploadsInProgress.contains(upload) {
                return try await whileInProgress(upload) { try await judge(upload, header, run) }
            }
            return .incomplete(offset: offset)
        }
    }

    func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource, by node: NodeID) async throws -> UploadStatus {
        switch try await receive(header, from: node) {
        case .decided(let status): return counted(status, node)
        case .wanted(let upload, let run):
            guard !uploadsInProgress.contains(upload) else {
                throw FederationError(.unavailable, "This update is being sent over another connection. Ask for its status in a few seconds.")
            }
            return try await whileInProgress(upload) {
                try await discardOthers(than: upload)
                return try await takeBytes(of: upload, header, from: offset, source: source, run)
            }
        }
    }

    private func whileInProgress(_ upload: UploadName, _ body: () async throws -> UploadStatus) async throws -> UploadStatus {
        uploadsInProgress.insert(upload)
        defer { uploadsInProgress.remove(upload) }
        return try await body()
    }

    /// A node has one unfinished update a round: a new digest means that the old bytes were lost at the node.
    private func discardOthers(than upload: UploadName) async throws {
        for other in try await storage.uploads(of: upload.plan)
        where other.round == upload.round && other.node == upload.node && other != upload && !uploadsInProgress.contains(other) {
            try await storage.discard(other)
        }
    }

    private func takeBytes(
        of upload: UploadName, _ header: UpdateHeader, from offset: Int, source: any UpdateSource, _ run: PlanRun
    ) async throws -> UploadStatus {
        let size = run.machine.payloadByteCount
        var position = try await storage.byteCount(of: upload)
        // Bytes that are not the next ones are not read at all; the sender learns where to go on.
        guard position == offset || position >= size else { return .incomplete(offset: position) }
        while position < size {
            let piece = try await source.read(at: position, maximumCount: min(1 << 20, size - position))
            guard !piece.isEmpty else { return .incomplete(offset: position) }
            guard piece.count <= size - position else { return counted(.rejected(.wrongSize), upload.node) }
            // The round may have closed while the bytes travelled.
            if case .decided(let status) = try await receive(header, from: upload.node) {
                try await storage.discard(upload)
                return counted(status, upload.node)
            }
            try await storage.append(piece, to: upload, at: position)
            faults(.uploadBytesDurable)
            position += piece.count
        }
        return try await judge(upload, header, run)
    }

    /// Verifies a complete update and lets it count.
    private func judge(_ upload: UploadName, _ header: UpdateHeader, _ run: PlanRun) async throws -> UploadStatus {
        let verification = UploadVerification(codec: run.codec, payloadByteCount: run.machine.payloadByteCount, range: run.plan.privacy.nodeRange)
        if let problem = try await verification.problem(with: upload, in: storage) {
            try await storage.discard(upload)
            return counted(.rejected(problem), upload.node)
        }
        faults(.beforeUpdateAccepted)
        return try await exclusively {
            if case .decided(let status) = try await receive(header, from: upload.node) {
                if status != .accepted { try await storage.discard(upload) }
                return counted(status, upload.node)
            }
            let update = AcceptedUpdate(
                node: upload.node, payload: upload.payload, byteCount: header.payloadByteCount, report: header.report, acceptedAt: clock.now)
            guard let message = header.maskedInput else {
                try await transitionExclusively(.updateArrived(update, upload.round))
                return .accepted
            }
            if try await acceptMaskedInput(update, message: message, in: upload.round) { return .accepted }
            try await storage.discard(upload)
            return counted(.rejected(.malformed), upload.node)
        }
    }

    private func counted(_ status: UploadStatus, _ node: NodeID) -> UploadStatus {
        if case .rejected(let reason) = status {
            CoordinatorMetrics.updatesRejected.increment()
            logger.warning("Update rejected", metadata: ["node": "\(node)", "reason": "\(reason.rawValue)"])
        }
        return status
    }
}

extension RoundRecord {
    /// How an update for a closed round stands.
    fileprivate func status(of header: UpdateHeader, from node: NodeID) -> UploadStatus {
        guard opening.cohort.contains(node) else { return .rejected(.notSelected) }
        guard header.baseModel == opening.baseModel.digest else { return .rejected(.wrongModel) }
        guard let update = updates.first(where: { $0.node == node }) else { return .notNeeded }
        return update.payload == header.payload ? .accepted : .rejected(.conflictingUpdate)
    }
}
