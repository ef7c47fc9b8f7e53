import CoordinatorCore
import Federation
import Testing

@Suite("Storage contract")
struct StorageContractTests {
    let plan = TestPlan.make()
    let time = WallTime(milliseconds: 1000)
    let nodes = ["a", "b", "c"].compactMap { NodeID($0) }
    let first = RoundNumber(1)

    private func opening(_ round: Int = 1) -> RoundOpening {
        RoundOpening(
            round: RoundNumber(round), baseModel: ModelReference(round: round - 1, digest: Digest(of: [UInt8(round - 1)]), byteCount: 1),
            cohort: Array(nodes.prefix(2)), openedAt: time, deadline: time + .seconds(60))
    }
    private func update(_ node: Int, report: TrainingReport? = nil) -> AcceptedUpdate {
        AcceptedUpdate(node: nodes[node], payload: Digest(of: [UInt8(node)]), byteCount: 7, report: report, acceptedAt: time)
    }
    private func model(_ round: Int) -> ModelReference { ModelReference(round: round, digest: Digest(of: [UInt8(round)]), byteCount: 1) }

    @Test("incarnations only grow, over restarts too", arguments: StorageKind.allCases)
    func incarnations(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            let one = try await storage.beginIncarnation()
            let two = try await reopen().beginIncarnation()
            #expect(one >= 1 && two > one)
        }
    }

    @Test("the furthest head of a ledger stays, whatever is shown later", arguments: StorageKind.allCases)
    func ledgerHeads(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            let (five, fork, seven) = (LedgerHead(count: 5, hash: plan.digest), LedgerHead(count: 5, hash: Digest(of: [9])), LedgerHead(count: 7, hash: Digest(of: [7])))
            #expect(try await storage.rememberedLedger(of: nodes[0]) == nil)
            for head in [five, fork, LedgerHead(count: 4, hash: Digest(of: [4])), .empty] { try await storage.rememberLedger(head, of: nodes[0], at: time) }
            #expect(try await reopen().rememberedLedger(of: nodes[0]) == five)
            try await storage.rememberLedger(seven, of: nodes[0], at: time)
            try await storage.rememberLedger(five, of: nodes[0], at: time)
            #expect(try await reopen().rememberedLedger(of: nodes[0]) == seven)
            #expect(try await storage.rememberedLedger(of: nodes[1]) == nil)
        }
    }

    @Test("plans go through their states, one active at a time", arguments: StorageKind.allCases)
    func plans(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            try await storage.requestPlan(plan.encoded(), at: time)
            let other = TestPlan.make(name: "other")
            await #expect(throws: FederationError.self) { try await storage.requestPlan(other.encoded(), at: time) }
            try await storage.setState(.running, of: plan.digest, at: time)
            let isAsked = try await storage.requestStop(of: plan.digest, at: time)
            #expect(isAsked)
            #expect(try await reopen().plans().map(\.state) == [.stopping])
            try await storage.setState(.stopped, of: plan.digest, at: time)
            let isAskedAgain = try await storage.requestStop(of: plan.digest, at: time)
            #expect(!isAskedAgain)
            try await storage.requestPlan(plan.encoded(), at: time + .seconds(1))
            #expect(try await storage.plans().map(\.state) == [.requested])
            try await storage.setState(.failed(reason: "why"), of: plan.digest, at: time + .seconds(2))
            let record = try #require(try await reopen().plans().first)
            #expect(record.state == .failed(reason: "why") && record.encodedPlan == plan.encoded() && record.digest == plan.digest)
            #expect(record.changedAt == time + .seconds(2))
            await #expect(throws: FederationError.self) { try await storage.requestPlan(plan.encoded(), at: time) }
            try await storage.requestPlan(other.encoded(), at: time + .seconds(3))
            #expect(try await storage.plans().map(\.digest) == [plan.digest, other.digest])
        }
    }

    @Test("a plan that is asked for twice is asked for once", arguments: StorageKind.allCases)
    func repeatedRequest(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, _ in
            try await storage.requestPlan(plan.encoded(), at: time)
            try await storage.requestPlan(plan.encoded(), at: time)
            try await storage.setState(.running, of: plan.digest, at: time)
            try await storage.requestPlan(plan.encoded(), at: time)
            #expect(try await storage.plans().map(\.state) == [.running])
        }
    }

    @Test("a declaration is fixed for the plan", arguments: StorageKind.allCases)
    func joins(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            try await storage.requestPlan(plan.encoded(), at: time)
            for node in nodes.reversed() { try await storage.recordJoin(node, JoinDeclaration(plan: plan.digest, enrolledUsers: 10), at: time) }
            try await storage.recordJoin(nodes[0], JoinDeclaration(plan: plan.digest, enrolledUsers: 10), at: time + .seconds(1))
            let error = await #expect(throws: FederationError.self) {
                try await storage.recordJoin(nodes[0], JoinDeclaration(plan: plan.digest, enrolledUsers: 20), at: time)
            }
            #expect(error?.code == .rejected)
            try await storage.recordWithdrawal(nodes[1], from: plan.digest, reason: .budgetExhausted, at: time)
            let joins = try await reopen().joins(of: plan.digest)
            #expect(joins.map(\.node) == nodes && joins.allSatisfy { $0.enrolledUsers == 10 && $0.joinedAt == time })
            #expect(joins.map(\.withdrawal) == [nil, .budgetExhausted, nil])
        }
    }

    @Test("a round is remembered with all that belongs to it", arguments: StorageKind.allCases)
    func rounds(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            try await storage.requestPlan(plan.encoded(), at: time)
            try await storage.recordInitialModel(model(0), of: plan.digest, at: time)
            try await storage.recordInitialModel(model(0), of: plan.digest, at: time)
            try await storage.openRound(opening(), of: plan.digest)
            await #expect(throws: FederationError.self) { try await storage.openRound(opening(), of: plan.digest) }
            let report = TrainingReport(lossSum: 0.1, targetCount: 3, hitsAt10: 1, ndcgAt10: 0.25, evaluatedUsers: 2)
            try await storage.acceptUpdate(update(1, report: report), in: first, of: plan.digest)
            await #expect(throws: FederationError.self) { try await storage.acceptUpdate(update(1), in: first, of: plan.digest) }
            try await storage.recordDecline(nodes[0], reason: .trainingFailed, in: first, of: plan.digest, at: time)
            #expect(
                try await reopen().rounds(of: plan.digest) == [
                    RoundRecord(opening: opening(), state: .collecting, updates: [update(1, report: report)], declines: [nodes[0]: .trainingFailed])
                ])
            try await storage.closeCollection(of: first, of: plan.digest, at: time)
            try await storage.recordNoisedSum(Digest(of: [9]), in: first, of: plan.digest)
            #expect(try await reopen().round(first, of: plan.digest)?.state == .aggregating)
            try await storage.publish(model(1), in: first, of: plan.digest, at: time + .seconds(5))
            try await storage.openRound(opening(2), of: plan.digest)
            try await storage.abandon(RoundNumber(2), of: plan.digest, reason: .deadlinePassed, at: time + .seconds(6))
            let rounds = try await reopen().rounds(of: plan.digest)
            #expect(rounds.map(\.state) == [.published(model(1)), .abandoned(.deadlinePassed)])
            #expect(rounds[0].noisedSum == Digest(of: [9]) && rounds[0].duration == .seconds(5) && rounds[0].report == report)
            #expect(rounds[0].receivedByteCount == 7)
            #expect(try await storage.models().map(\.reference.round) == [0, 1])
            #expect(try await storage.round(RoundNumber(3), of: plan.digest) == nil)
        }
    }

    @Test("promotions are undone one by one", arguments: StorageKind.allCases)
    func promotions(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, _ in
            try await storage.requestPlan(plan.encoded(), at: time)
            try await storage.recordInitialModel(model(0), of: plan.digest, at: time)
            try await storage.openRound(opening(), of: plan.digest)
            try await storage.closeCollection(of: first, of: plan.digest, at: time)
            try await storage.publish(model(1), in: first, of: plan.digest, at: time)
            await #expect(throws: FederationError.self) { try await storage.promote(Digest(of: [77]), at: time) }
            try await storage.promote(model(0).digest, at: time)
            try await storage.promote(model(1).digest, at: time)
            #expect(try await storage.models().map(\.isPromoted) == [false, true])
            #expect(try await storage.undoPromotion(of: plan.digest) == model(0).digest)
            #expect(try await storage.models().map(\.isPromoted) == [true, false])
            #expect(try await storage.undoPromotion(of: plan.digest) == nil)
        }
    }

    @Test("blobs are named by their digest and read in pieces", arguments: StorageKind.allCases)
    func blobs(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            let bytes = (0..<100).map { UInt8($0) }
            let digest = try await storage.store(bytes)
            #expect(digest == Digest(of: bytes))
            _ = try await storage.store(bytes)
            let again = try reopen()
            #expect(try await again.byteCount(of: digest) == 100)
            #expect(try await again.read(digest, at: 90, maximumCount: 50) == Array(bytes.suffix(10)))
            #expect(try await again.read(digest, at: 100, maximumCount: 5).isEmpty)
            #expect(try await again.byteCount(of: Digest(of: [1])) == nil)
            let error = await #expect(throws: FederationError.self) { try await again.read(Digest(of: [1]), at: 0, maximumCount: 5) }
            #expect(error?.code == .notFound)
        }
    }

    @Test("an upload grows at its end only and lasts until it is discarded", arguments: StorageKind.allCases)
    func uploads(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            let names = nodes.map { UploadName(plan: plan.digest, round: first, node: $0, payload: Digest(of: [1])) }
            #expect(try await storage.byteCount(of: names[0]) == 0)
            try await storage.append([1, 2, 3], to: names[0], at: 0)
            await #expect(throws: FederationError.self) { try await storage.append([9], to: names[0], at: 2) }
            await #expect(throws: FederationError.self) { try await storage.append([9], to: names[0], at: 4) }
            try await storage.append([4], to: names[0], at: 3)
            try await storage.append([7], to: names[1], at: 0)
            let again = try reopen()
            #expect(try await again.byteCount(of: names[0]) == 4)
            #expect(try await again.read(names[0], at: 1, maximumCount: 9) == [2, 3, 4])
            #expect(try await Set(again.uploads(of: plan.digest)) == Set(names.prefix(2)))
            #expect(try await again.uploads(of: Digest(of: [5])).isEmpty)
            try await storage.discard(names[0])
            try await storage.discard(names[0])
            #expect(try await again.uploads(of: plan.digest) == [names[1]])
        }
    }

    @Test("a whole plan runs over it", arguments: StorageKind.allCases)
    func wholePlan(_ kind: StorageKind) async throws {
        try await kind.withStorage { storage, reopen in
            let clock = ManualClock()
            try await request(plan, of: storage, clock: clock)
            let model = try await run(plan, storage: storage, clock: clock)
            #expect(model?.round == 2)
            #expect(try await run(plan, storage: reopen(), clock: clock) == model, "a restarted coordinator still offers it")
        }
    }
}
