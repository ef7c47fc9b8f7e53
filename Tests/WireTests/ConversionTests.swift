import Federation
import FederationGRPC
import Foundation
import GRPCCore
import SwiftProtobuf
import Testing

@Suite("Messages and the federation's types")
struct ConversionTests {
    static let digest = Digest(of: [1, 2, 3])
    static let model = ModelReference(round: 3, digest: digest, byteCount: 12_345)
    static let report = TrainingReport(lossSum: 12.5, targetCount: 7, hitsAt10: 3, ndcgAt10: 1.25, evaluatedUsers: 9)

    @Test("assignments come back as they were", arguments: [
        Assignment(work: .wait(.milliseconds(1500)), newestModel: nil, incarnation: 0),
        Assignment(work: .train(RoundAssignment(round: RoundNumber(4), model: model, timeLeft: .seconds(600))), newestModel: model, incarnation: 2),
        Assignment(work: .otherPlan(digest), newestModel: model, incarnation: 3),
        Assignment(work: .planEnded, newestModel: nil, incarnation: 4),
    ])
    func assignments(assignment: Assignment) throws {
        let message = Tributary_Federation_V1_NextAssignmentResponse(assignment)
        #expect(try Tributary_Federation_V1_NextAssignmentResponse(serializedBytes: try message.serializedBytes() as [UInt8]).assignment() == assignment)
    }

    @Test("headers come back as they were", arguments: [nil, report])
    func headers(report: TrainingReport?) throws {
        let header = UpdateHeader(plan: Self.digest, round: RoundNumber(1), baseModel: Self.digest, payload: Self.digest, payloadByteCount: 1 << 30, report: report)
        #expect(try Tributary_Federation_V1_UpdateHeader(header).header() == header)
    }

    @Test("upload states come back as they were", arguments: [UploadStatus.incomplete(offset: 0), .incomplete(offset: 77), .accepted, .notNeeded] + RejectionReason.allCases.map { .rejected($0) })
    func states(status: UploadStatus) throws {
        #expect(try Tributary_Federation_V1_UploadState(status).status() == status)
    }

    @Test("declines come back as they were", arguments: DeclineReason.allCases)
    func declines(reason: DeclineReason) throws {
        let parts = try Tributary_Federation_V1_DeclineRequest(round: RoundNumber(2), plan: Self.digest, reason: reason).parts()
        #expect(parts == (RoundNumber(2), Self.digest, reason))
    }

    @Test("polls, joins and offers come back as they were")
    func others() throws {
        let poll = AssignmentPoll(plan: Self.digest, knownModel: Digest(of: []), patience: .seconds(30))
        #expect(try Tributary_Federation_V1_NextAssignmentRequest(poll).poll() == poll)
        let declaration = JoinDeclaration(plan: Self.digest, enrolledUsers: 4200)
        #expect(try Tributary_Federation_V1_JoinRequest(declaration).declaration() == declaration)
        let offer = PlanOffer(encodedPlan: [1, 2], catalogByteCount: 99)
        #expect(try Tributary_Federation_V1_GetCurrentPlanResponse(offer).offer() == offer)
        #expect(try Tributary_Federation_V1_GetCurrentPlanResponse(nil).offer() == nil)
    }

    @Test("a digest of another length, a count out of range, a number that is not finite, and unknown kinds are refused")
    func refusals() throws {
        let good = Tributary_Federation_V1_UpdateHeader(
            UpdateHeader(plan: Self.digest, round: RoundNumber(1), baseModel: Self.digest, payload: Self.digest, payloadByteCount: 8, report: Self.report))
        var bad: [Tributary_Federation_V1_UpdateHeader] = []
        for change: (inout Tributary_Federation_V1_UpdateHeader) -> Void in [
            { $0.plan = Data(count: 31) }, { $0.payload = Data() }, { $0.round = 0 }, { $0.round = .max }, { $0.payloadByteCount = 1 << 40 },
            { $0.report.lossSum = .nan }, { $0.report.ndcgAt10 = .infinity }, { $0.report.targetCount = 1 << 53 },
        ] {
            var header = good
            change(&header)
            bad.append(header)
        }
        for header in bad { #expect(throws: WireFormatError.self) { try header.header() } }
        #expect(throws: WireFormatError.self) { try Tributary_Federation_V1_NextAssignmentResponse().assignment() }
        #expect(throws: WireFormatError.self) { try Tributary_Federation_V1_UploadState().status() }
        #expect(throws: WireFormatError.self) { try Tributary_Federation_V1_UploadState.with { $0.rejected = .UNRECOGNIZED(77) }.status() }
        var poll = Tributary_Federation_V1_NextAssignmentRequest(AssignmentPoll(plan: Self.digest))
        poll.patienceMilliseconds = 60_001
        #expect(throws: WireFormatError.self) { try poll.poll() }
    }

    @Test("random and mutated bytes are refused or understood, never a crash")
    func fuzz() throws {
        let seeds: [[UInt8]] = [
            try Tributary_Federation_V1_NextAssignmentResponse(
                Assignment(work: .train(RoundAssignment(round: RoundNumber(4), model: Self.model, timeLeft: .seconds(6))), newestModel: Self.model, incarnation: 2)
            ).serializedBytes(),
            try Tributary_Federation_V1_UpdateHeader(
                UpdateHeader(plan: Self.digest, round: RoundNumber(1), baseModel: Self.digest, payload: Self.digest, payloadByteCount: 8, report: Self.report)
            ).serializedBytes(),
            bytes(200),
        ]
        var generator = Generator(state: 7)
        for _ in 0..<20_000 {
            var input = seeds[Int(generator.next() % 3)]
            for _ in 0..<(1 + generator.next() % 4) { input[Int(generator.next() % UInt64(input.count))] = UInt8(truncatingIfNeeded: generator.next()) }
            if generator.next() % 3 == 0 { input = Array(input.prefix(Int(generator.next() % UInt64(input.count)))) }
            _ = try? Tributary_Federation_V1_NextAssignmentResponse(serializedBytes: input).assignment()
            _ = try? Tributary_Federation_V1_UpdateHeader(serializedBytes: input).header()
            _ = try? Tributary_Federation_V1_NextAssignmentRequest(serializedBytes: input).poll()
            _ = try? Tributary_Federation_V1_GetCurrentPlanResponse(serializedBytes: input).offer()
            _ = try? Tributary_Federation_V1_JoinRequest(serializedBytes: input).declaration()
            _ = try? Tributary_Federation_V1_DeclineRequest(serializedBytes: input).parts()
            _ = try? Tributary_Federation_V1_UploadState(serializedBytes: input).status()
            _ = try? Tributary_Federation_V1_EnrolRequest(serializedBytes: input).enrolment()
        }
    }

    private struct Generator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 20
        }
    }
}

@Suite("Errors and statuses")
struct StatusTests {
    static let codes: [FederationError.Code] = [
        .invalidPlan, .invalidArgument, .unavailable, .rejected, .notFound, .failedPrecondition, .budgetExhausted, .unauthenticated, .corrupted, .internalError,
    ]

    @Test("every code survives the wire, with its message", arguments: codes)
    func roundTrip(code: FederationError.Code) {
        let back = FederationError(FederationError(code, "what and why").status)
        #expect(back.code == code)
        #expect(back.message == "what and why")
    }

    @Test("statuses that libraries make of their own are understood", arguments: [
        (RPCError.Code.deadlineExceeded, FederationError.Code.unavailable), (.unavailable, .unavailable), (.resourceExhausted, .invalidArgument),
        (.unimplemented, .failedPrecondition), (.unauthenticated, .unauthenticated), (.internalError, .internalError), (.unknown, .unavailable),
    ])
    func foreign(status: RPCError.Code, code: FederationError.Code) { #expect(FederationError(RPCError(code: status, message: "")).code == code) }

    @Test("delays grow to their maximum")
    func backoff() {
        let policy = RetryPolicy(attempts: 9, initialDelay: .milliseconds(100), maximumDelay: .seconds(1), multiplier: 2, jitter: 0)
        #expect((1...6).map { policy.plainDelay(afterFailure: $0).milliseconds } == [100, 200, 400, 800, 1000, 1000])
    }

    @Test("addresses are parsed", arguments: [("a.example:7443", "a.example", 7443), ("127.0.0.1:1", "127.0.0.1", 1), ("[::1]:65535", "::1", 65535)])
    func endpoints(text: String, host: String, port: Int) throws {
        #expect(try Endpoint(text) == Endpoint(host: host, port: port))
        #expect(try Endpoint(text).description == text)
    }

    @Test("what is no address is refused", arguments: ["", "a", "a:", ":1", "a:65536", "a:b", "::1:7"])
    func notEndpoints(text: String) { #expect(throws: FederationError.self) { try Endpoint(text) } }
}
