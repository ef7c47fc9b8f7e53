import CoordinatorCore
import Federation
import SeededNoise
import Simulator
import Testing

/// One round that is open for two nodes, and a coordinator that serves it.
private func withOpenRound(
    _ plan: Plan = TestPlan.make(rounds: 1, quorum: 1, deadlineSeconds: 600),
    _ body: (Coordinator, InMemoryCoordinatorStorage, ManualClock, RoundAssignment) async throws -> Void
) async throws {
    let (clock, storage) = (ManualClock(), InMemoryCoordinatorStorage())
    try await request(plan, of: storage, clock: clock)
    let coordinator = Coordinator(storage: storage, clock: clock, noise: SeededNoiseSource(seed: 1), logger: quietLogger)
    let service = Task { try await coordinator.run() }
    defer { service.cancel() }
    let nodes = ["berlin", "paris"].map { TestNode($0, plan: plan) }
    for node in nodes {
        let session = coordinator.session(for: node.id)
        while await !session.offersPlan {
            clock.advance(by: .milliseconds(10))
            await Task.yield()
        }
        try await session.join(JoinDeclaration(plan: plan.digest, enrolledUsers: 10))
    }
    let answer = try await coordinator.session(for: nodes[0].id).nextAssignment(AssignmentPoll(plan: plan.digest))
    guard case .train(let assignment) = answer.work else {
        Issue.record("no round is open")
        return
    }
    try await body(coordinator, storage, clock, assignment)
}

private func passTime(of clock: ManualClock, until count: Int, modelsAreIn storage: InMemoryCoordinatorStorage) async {
    while await storage.models().count < count {
        clock.advance(by: .seconds(1))
        await Task.yield()
    }
}

@Suite("Uploads to the coordinator")
struct CoordinatorUploadTests {
    let plan = TestPlan.make(rounds: 1, quorum: 1, deadlineSeconds: 600)
    var berlin: TestNode { TestNode("berlin", plan: plan) }

    @Test("an interrupted upload goes on where it stopped, and repeating it changes nothing")
    func resume() async throws {
        try await withOpenRound(plan) { coordinator, storage, _, assignment in
            let session = coordinator.session(for: berlin.id)
            let payload = try berlin.payload(round: 1, base: assignment.model.digest)
            let header = berlin.header(round: assignment.round, base: assignment.model.digest, payload: payload)
            #expect(try await session.uploadStatus(of: header) == .incomplete(offset: 0))
            #expect(try await session.upload(header, from: 0, source: ByteSource(bytes: payload, pieceByteCount: 60, end: 120)) == .incomplete(offset: 120))
            #expect(try await session.uploadStatus(of: header) == .incomplete(offset: 120))
            #expect(try await session.upload(header, from: 0, source: ByteSource(bytes: payload)) == .incomplete(offset: 120))
            #expect(try await session.upload(header, from: 120, source: ByteSource(bytes: payload)) == .accepted)
            #expect(try await session.upload(header, from: 0, source: ByteSource(bytes: payload)) == .accepted)
            #expect(try await session.uploadStatus(of: header) == .accepted)
            #expect(await storage.round(assignment.round, of: plan.digest)?.updates.count == 1)
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var reason: RejectionReason
        var change: @Sendable (inout UpdateHeader, inout [UInt8]) -> Void
        var testDescription: String { reason.rawValue }
    }

    @Test(
        "a faulty update is refused with its reason and the round goes on",
        arguments: [
            Fault(reason: .unknownPlan) { header, _ in header.plan = Digest(of: [1]) },
            Fault(reason: .wrongRound) { header, _ in header.round = RoundNumber(2) },
            Fault(reason: .wrongModel) { header, _ in header.baseModel = Digest(of: [1]) },
            Fault(reason: .wrongSize) { header, _ in header.payloadByteCount -= 5 },
            Fault(reason: .wrongSize) { header, _ in header.payloadByteCount = .max },
            Fault(reason: .digestMismatch) { _, bytes in bytes[3] ^= 1 },
            Fault(reason: .outOfRange) { header, bytes in
                // 2^39 − 1 in words of 40 bits, far over 4000 · 2^10.
                bytes.replaceSubrange(0..<5, with: [255, 255, 255, 255, 127])
                header.payload = Digest(of: bytes)
            },
            Fault(reason: .outOfRange) { header, bytes in
                bytes.replaceSubrange(bytes.count - 5..<bytes.count, with: [255, 255, 255, 255, 255])  // weight −1
                header.payload = Digest(of: bytes)
            },
            Fault(reason: .malformed) { header, _ in header.report?.lossSum = .infinity },
        ])
    func faults(_ fault: Fault) async throws {
        try await withOpenRound(plan) { coordinator, storage, _, assignment in
            let session = coordinator.session(for: berlin.id)
            let payload = try berlin.payload(round: 1, base: assignment.model.digest)
            let good = berlin.header(round: assignment.round, base: assignment.model.digest, payload: payload)
            var (header, bytes) = (good, payload)
            fault.change(&header, &bytes)
            #expect(try await berlin.send(bytes, header, over: session) == .rejected(fault.reason))
            #expect(await storage.round(assignment.round, of: plan.digest)?.updates.isEmpty == true)
            #expect(try await berlin.send(payload, good, over: session) == .accepted)
        }
    }

    @Test("a second, different update of a node is refused; a stranger and an unselected node are too")
    func conflicts() async throws {
        try await withOpenRound(plan) { coordinator, _, _, assignment in
            let session = coordinator.session(for: berlin.id)
            #expect(try await berlin.send(assignment, over: session) == .accepted)
            var other = try berlin.payload(round: 1, base: assignment.model.digest)
            other[0] ^= 1
            let header = berlin.header(round: assignment.round, base: assignment.model.digest, payload: other)
            #expect(try await berlin.send(other, header, over: session) == .rejected(.conflictingUpdate))
            let stranger = TestNode("oslo", plan: plan)
            #expect(try await stranger.send(assignment, over: coordinator.session(for: stranger.id)) == .rejected(.notJoined))
            try await coordinator.session(for: stranger.id).join(JoinDeclaration(plan: plan.digest, enrolledUsers: 10))
            #expect(try await stranger.send(assignment, over: coordinator.session(for: stranger.id)) == .rejected(.notSelected))
        }
    }

    @Test("an update after the deadline is not needed, and one that was accepted stays accepted")
    func late() async throws {
        try await withOpenRound(plan) { coordinator, storage, clock, assignment in
            let onTime = try await berlin.send(assignment, over: coordinator.session(for: berlin.id))
            #expect(onTime == .accepted)
            await passTime(of: clock, until: 2, modelsAreIn: storage)
            let paris = TestNode("paris", plan: plan)
            #expect(try await paris.send(assignment, over: coordinator.session(for: paris.id)) == .notNeeded)
            #expect(try await berlin.send(assignment, over: coordinator.session(for: berlin.id)) == .accepted)
        }
    }

    @Test("a declaration is fixed for the plan, rounded, and for the plan that runs")
    func joins() async throws {
        try await withOpenRound(plan) { coordinator, _, _, _ in
            let session = coordinator.session(for: berlin.id)
            try await session.join(JoinDeclaration(plan: plan.digest, enrolledUsers: 10))
            for declaration in [
                JoinDeclaration(plan: plan.digest, enrolledUsers: 11), JoinDeclaration(plan: plan.digest, enrolledUsers: 101),
                JoinDeclaration(plan: plan.digest, enrolledUsers: -1), JoinDeclaration(plan: Digest(of: [1]), enrolledUsers: 10),
            ] {
                await #expect(throws: FederationError.self) { try await session.join(declaration) }
            }
        }
    }

    @Test("catalog and models are delivered from any offset, and nothing else")
    func downloads() async throws {
        actor Sink {
            var bytes: [UInt8] = []
            func take(_ piece: [UInt8]) { bytes += piece }
        }
        try await withOpenRound(plan) { coordinator, storage, _, assignment in
            let session = coordinator.session(for: berlin.id)
            let sink = Sink()
            try await session.download(assignment.model.digest, from: 10) { await sink.take($0) }
            let model = try await storage.read(assignment.model.digest, at: 0, maximumCount: .max)
            #expect(await sink.bytes == Array(model.dropFirst(10)))
            let secret = await storage.store([1, 2, 3])
            await #expect(throws: FederationError.self) { try await session.download(secret, from: 0) { _ in } }
            await #expect(throws: FederationError.self) { try await session.download(plan.catalog.digest, from: 10_000) { _ in } }
        }
    }
}
