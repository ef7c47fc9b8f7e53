import DifferentialPrivacy
import Testing

@Suite("Ledger: what was sent stays spent, and nothing passes the budget")
struct PrivacyLedgerTests {
    private let round = MechanismEvent(noiseMultiplier: 10, gridStandardDeviation: 0x1p20, dimension: 1000)
    private func budget(_ epsilon: Double) throws -> PrivacyBudget { try PrivacyBudget(epsilon: epsilon, delta: 1e-6) }

    @Test("an empty ledger has spent nothing")
    func empty() throws {
        #expect(try PrivacyLedger(budget: budget(1)).spent().epsilon == 0)
    }

    @Test("reserved and sent lines are charged, a cancelled one is not")
    func states() throws {
        var ledger = try PrivacyLedger(budget: budget(8))
        let first = try ledger.reserve(round, plan: "a", round: 1)
        let one = try ledger.spent().epsilon
        #expect(one > 0)
        #expect(try ledger.markSent(first.sequence).state == .sent)
        #expect(try ledger.spent().epsilon == one)
        let second = try ledger.reserve(round, plan: "a", round: 2)
        #expect(try ledger.spent().epsilon > one)
        #expect(try ledger.cancel(second.sequence).state == .cancelled)
        #expect(try ledger.spent().epsilon == one)
    }

    @Test("a sent line is never refunded, a cancelled one never sent, and repeating changes nothing")
    func finality() throws {
        var ledger = try PrivacyLedger(budget: budget(8))
        _ = try ledger.reserve(round, plan: "a", round: 1)
        _ = try ledger.reserve(round, plan: "a", round: 2)
        _ = try ledger.markSent(1)
        _ = try ledger.markSent(1)
        _ = try ledger.cancel(2)
        _ = try ledger.cancel(2)
        let before = ledger.entries
        #expect(throws: PrivacyError.self) { try ledger.cancel(1) }
        #expect(throws: PrivacyError.self) { try ledger.markSent(2) }
        #expect(throws: PrivacyError.self) { try ledger.markSent(3) }
        #expect(throws: PrivacyError.self) { try ledger.cancel(0) }
        #expect(ledger.entries == before)
    }

    @Test("an update lost before it was durable is charged again")
    func lostUpdate() throws {
        var ledger = try PrivacyLedger(budget: budget(8))
        _ = try ledger.reserve(round, plan: "a", round: 1)
        let one = try ledger.spent().epsilon
        let again = try ledger.reserve(round, plan: "a", round: 1)
        #expect(again.sequence == 2)
        #expect(try ledger.spent().epsilon > one)
        _ = try ledger.markSent(2)
        let two = try ledger.spent().epsilon
        _ = try ledger.reserve(round, plan: "a", round: 1)
        #expect(try ledger.spent().epsilon > two, "every run is paid for, also of a round that was sent")
        #expect(ledger.lines(plan: "a", round: 1).map(\.state) == [.reserved, .sent, .reserved])
    }

    @Test("rounds are refused when they pass the budget, over all plans, and nothing is charged")
    func refusal() throws {
        let cost = try PrivacyAccountant.epsilon(of: [MechanismEvent(noiseMultiplier: 10, count: 5, gridStandardDeviation: 0x1p20, dimension: 1000)], delta: 1e-6).epsilon
        var ledger = try PrivacyLedger(budget: budget(cost))
        for number in 1...3 { _ = try ledger.reserve(round, plan: "a", round: number) }
        for number in 1...2 { _ = try ledger.reserve(round, plan: "b", round: number) }
        let error = #expect(throws: PrivacyError.self) { try ledger.reserve(round, plan: "b", round: 3) }
        #expect(error?.code == .budgetExhausted)
        #expect(ledger.entries.count == 5)
        #expect(try !ledger.affords(round))
        #expect(try ledger.spent().epsilon <= cost)
        #expect(try ledger.spent(by: "b").epsilon < ledger.spent(by: "a").epsilon)
        #expect(ledger.plans == ["a", "b"])
        _ = try ledger.cancel(5)
        _ = try ledger.reserve(round, plan: "b", round: 3)
    }

    @Test("a whole plan is admitted before it is joined, or refused with figures")
    func admission() throws {
        let cost = try PrivacyAccountant.epsilon(of: [MechanismEvent(noiseMultiplier: 10, count: 20, gridStandardDeviation: 0x1p20, dimension: 1000)], delta: 1e-6).epsilon
        var ledger = try PrivacyLedger(budget: budget(cost))
        #expect(try ledger.admit(round, plan: "a", maximumAttempts: 20).epsilon <= cost)
        let error = #expect(throws: PrivacyError.self) { try ledger.admit(round, plan: "a", maximumAttempts: 21) }
        #expect(error?.code == .budgetExhausted)
        #expect(error?.message.contains("budget") == true)
        // Rounds already charged to the plan are not counted twice; those of another plan are.
        for number in 1...4 { _ = try ledger.reserve(round, plan: "a", round: number) }
        #expect(try ledger.admit(round, plan: "a", maximumAttempts: 20).epsilon <= cost)
        #expect(throws: PrivacyError.self) { try ledger.admit(round, plan: "b", maximumAttempts: 20) }
        #expect(try ledger.admit(round, plan: "b", maximumAttempts: 16).epsilon <= cost)
    }

    @Test("full and sampled rounds compose in one account")
    func mixed() throws {
        var ledger = try PrivacyLedger(budget: budget(8))
        _ = try ledger.reserve(round, plan: "a", round: 1)
        let full = try ledger.spent()
        #expect(full.accountant == .gaussian)
        let sampled = MechanismEvent(noiseMultiplier: 2, samplingRate: 0.01, gridStandardDeviation: 0x1p20, dimension: 1000)
        for number in 1...10 { _ = try ledger.reserve(sampled, plan: "b", round: number) }
        let both = try ledger.spent()
        #expect(both.epsilon > full.epsilon)
        #expect(both.accountant == .renyi)
    }

    @Test("a ledger is the same after storing and reading its rows; one with a missing or doubled line is refused")
    func rows() throws {
        var ledger = try PrivacyLedger(budget: budget(8))
        for number in 1...3 { _ = try ledger.reserve(round, plan: "a", round: number) }
        _ = try ledger.markSent(1)
        let rows = ledger.entries.map { LedgerEntry(sequence: $0.sequence, plan: $0.plan, round: $0.round, event: $0.event, state: $0.state) }
        let again = try PrivacyLedger(budget: budget(8), entries: rows.reversed())
        #expect(again.entries == ledger.entries)
        #expect(try again.spent() == ledger.spent())
        #expect(throws: PrivacyError.self) { try PrivacyLedger(budget: budget(8), entries: [rows[0], rows[2]]) }
        #expect(throws: PrivacyError.self) { try PrivacyLedger(budget: budget(8), entries: [rows[0], rows[0]]) }
    }

    @Test("whoever joined later pays for less, and the node's claim is the maximum")
    func classes() throws {
        var ledger = try PrivacyLedger(budget: budget(8))
        for number in 1...3 { _ = try ledger.reserve(round, plan: "a", round: number) }
        for number in 1...2 { _ = try ledger.reserve(round, plan: "b", round: number) }
        #expect(try ledger.spent(since: 1) == ledger.spent())
        let later = try ledger.spent(since: 3).epsilon
        #expect(try later < ledger.spent().epsilon && ledger.spent(since: 5).epsilon < later)
        #expect(try ledger.spent(since: 4, by: "a").epsilon == 0)
        #expect(try ledger.spent(since: 4, by: "b") == ledger.spent(by: "b"))
        _ = try ledger.cancel(5)
        #expect(try ledger.spent(since: 5).epsilon == 0)
        #expect(try ledger.spent(since: 6).epsilon == 0)
    }

    @Test("the cap per period holds back a round that the whole budget would cover, until earlier ones are old enough")
    func period() throws {
        let two = try PrivacyAccountant.epsilon(of: [MechanismEvent(noiseMultiplier: 10, count: 2, gridStandardDeviation: 0x1p20, dimension: 1000)], delta: 1e-6).epsilon
        let capped = try PrivacyBudget(epsilon: 8, delta: 1e-6, period: PeriodCap(epsilon: two, milliseconds: 100))
        var ledger = try PrivacyLedger(budget: capped)
        _ = try ledger.reserve(round, plan: "a", round: 1, at: 10)
        _ = try ledger.reserve(round, plan: "a", round: 2, at: 50)
        #expect(try ledger.nextOpening(for: round, at: 60) == 110)
        let error = #expect(throws: PrivacyError.self) { try ledger.reserve(round, plan: "b", round: 1, at: 109) }
        #expect(error?.code == .periodExhausted && ledger.entries.count == 2)
        #expect(try ledger.nextOpening(for: round, at: 110) == nil)
        _ = try ledger.reserve(round, plan: "b", round: 1, at: 110)
        // A clock that was set back gives nothing back.
        #expect(throws: PrivacyError.self) { try ledger.reserve(round, plan: "b", round: 2, at: 20) }
        // The stored times are what counts after a restart.
        var again = try PrivacyLedger(budget: capped, entries: ledger.entries)
        #expect(throws: PrivacyError.self) { try again.reserve(round, plan: "b", round: 2, at: 149) }
        _ = try again.reserve(round, plan: "b", round: 2, at: 150)
        #expect(try again.spentInPeriod(at: 150)?.epsilon == two)
        let dear = MechanismEvent(noiseMultiplier: 2, gridStandardDeviation: 0x1p20, dimension: 1000)
        #expect(throws: PrivacyError.self) { try ledger.admit(dear, plan: "c", maximumAttempts: 1) }
        #expect(throws: PrivacyError.self) { try PrivacyBudget(epsilon: 8, delta: 1e-6, period: PeriodCap(epsilon: 0, milliseconds: 5)) }
        #expect(throws: PrivacyError.self) { try PrivacyBudget(epsilon: 8, delta: 1e-6, period: PeriodCap(epsilon: 1, milliseconds: 0)) }
    }

    @Test("events and budgets outside their ranges are refused")
    func ranges() throws {
        var ledger = try PrivacyLedger(budget: budget(8))
        var wrong = round
        wrong.noiseMultiplier = 0
        #expect(throws: PrivacyError.self) { try ledger.reserve(wrong, plan: "a", round: 1) }
        wrong = round
        wrong.samplingRate = 1.5
        #expect(throws: PrivacyError.self) { try ledger.reserve(wrong, plan: "a", round: 1) }
        wrong = round
        wrong.gridStandardDeviation = .nan
        #expect(throws: PrivacyError.self) { try ledger.reserve(wrong, plan: "a", round: 1) }
        #expect(throws: PrivacyError.self) { try ledger.reserve(round, plan: "a", round: 0) }
        #expect(throws: PrivacyError.self) { try PrivacyBudget(epsilon: -1, delta: 1e-6) }
        #expect(throws: PrivacyError.self) { try PrivacyBudget(epsilon: 1, delta: 1) }
        #expect(ledger.entries.isEmpty)
        #expect(PrivacyBudget.recommendedDelta(users: 1000) == 1e-6)
        #expect(PrivacyBudget.recommendedDelta(users: 1_000_000) == 1e-8)
    }
}
