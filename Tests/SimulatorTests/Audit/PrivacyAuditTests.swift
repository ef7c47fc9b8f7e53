import DifferentialPrivacy
import SeededNoise
import Simulator
import Testing

@Suite("The audit passes the production steps and notices each broken one")
struct PrivacyAuditTests {
    /// Claimed ε = 1, a thousand canaries.
    private func production(_ noise: AuditSetting.Noise, seed: UInt64) throws -> ProductionRound {
        try ProductionRound(AuditSetting(noise: noise), noise: SeededNoiseSource(seed: seed))
    }

    @Test("twenty audits of the unbroken build raise no alarm, and no lower bound exceeds the claim", arguments: AuditSetting.Noise.allCases)
    func unbroken(_ noise: AuditSetting.Noise) throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let outcome = try PrivacyAudit.run(production(noise, seed: seed), seed: seed)
            #expect(outcome.alarms.isEmpty, "seed \(seed): \(outcome.findings)")
            #expect(outcome.epsilon <= 1 && outcome.gaussianEpsilon <= 1)
        }
    }

    @Test("each sabotage is noticed by its own detector", arguments: Sabotage.allCases, AuditSetting.Noise.allCases)
    func sabotaged(_ sabotage: Sabotage, _ noise: AuditSetting.Noise) throws {
        // One share of one node has nothing to be divided by.
        if sabotage == .shareDividedTwice && noise == .local { return }
        for seed in 1...3 as ClosedRange<UInt64> {
            let outcome = try PrivacyAudit.run(sabotage.round(production(noise, seed: seed)), seed: seed)
            #expect(outcome.alarms.contains(sabotage.detector), "\(outcome.alarms)")
        }
    }

    @Test("without noise the bound is what so many right guesses can prove at most")
    func strongest() throws {
        let outcome = try PrivacyAudit.run(NoiseMissing(production: production(.local, seed: 1)), seed: 1)
        #expect(outcome.bound.correct == outcome.bound.guesses && outcome.bound.guesses == 200)
        #expect(outcome.epsilon > 3.5 && outcome.gaussianEpsilon > outcome.epsilon)
    }

    @Test("a user's items: all of them from a plaintext update, hardly any through noise or a mask")
    func reconstruction() async throws {
        let results = try await PrivacyAudit.reconstruction(epsilon: 1, delta: 1e-5, users: 20, seed: 1, noise: SeededNoiseSource(seed: 1))
        #expect(results.map(\.view) == [.plaintext, .noise, .mask])
        #expect(results[0].recall == 1)
        for result in results.dropFirst() { #expect(result.recall < 0.12, "\(result)") }
    }

    @Test("membership: an unprotected model remembers its users, one at ε = 1 does not")
    func membership() async throws {
        let results = try await PrivacyAudit.membership(epsilon: 1, delta: 1e-5, users: 100, rounds: 60, seed: 1, noise: SeededNoiseSource(seed: 1))
        #expect(results[0].epsilon == nil && results[0].areaUnderCurve > 0.9)
        #expect(results[1].epsilon == 1 && (results[1].areaUnderCurve - 0.5).magnitude < 5 * results[1].standardErrorOfChance)
    }
}
