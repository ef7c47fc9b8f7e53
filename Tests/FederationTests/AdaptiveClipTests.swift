import DifferentialPrivacy
import Federation
import Foundation
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite("A clip that follows a quantile of the norms")
struct AdaptiveClipTests {
    private let adaptive = AdaptiveClip(quantile: 0.5, learningRate: 0.2, countDeviation: 20)

    private func plan(_ adaptive: AdaptiveClip?, noiseMultiplier: Double = 4, mode: (GaussianMechanism) -> PrivacyPlan.Mode = { .local($0) }) -> Plan {
        let mechanism = GaussianMechanism(clip: 1, noiseMultiplier: noiseMultiplier, epsilon: 8, delta: 1e-5, adaptiveClip: adaptive)
        return Plan(
            name: "adaptive", seed: 1, catalog: CatalogReference(digest: Digest(of: [1]), itemCount: 20), model: .bprMF(BPRMFConfiguration(dimension: 3)),
            training: .init(unit: .perUser, optimizer: .sgd(learningRate: 0.1, momentum: 0)),
            privacy: PrivacyPlan(mode: mode(mechanism), grid: GridPlan(scale: 0x1p20, modulusBits: 64)), serverOptimizer: .fedAvg(learningRate: 1),
            selection: SelectionPlan(), rounds: 10, maximumAttempts: 10)
    }

    @Test("without noise it settles at the quantile of any norms", arguments: [0.2, 0.5, 0.9])
    func settles(quantile: Double) {
        var random = RandomStream(seed: 3)
        let norms = (0..<4001).map { _ in exp(2 * random.uniform()) }.sorted()
        let adaptive = AdaptiveClip(quantile: quantile, learningRate: 0.2, countDeviation: 1)
        var clip = 0.05
        for _ in 0..<400 {
            let within = norms.count { $0 <= clip }
            clip = adaptive.next(after: clip, initial: 1, noisyCount: Int64(1024 * (2 * within - norms.count)), half: 1024, users: Double(norms.count))
        }
        #expect(abs(clip / norms[Int(Double(norms.count) * quantile)] - 1) < 0.05)
    }

    @Test("the step is e to the power of −η (fraction − γ), up to a few percent of it, and is cut to whole users and to the range")
    func step() {
        func next(_ fraction: Double, clip: Double = 1) -> Double {
            adaptive.next(after: clip, initial: 1, noisyCount: Int64((fraction - 0.5) * 2 * 1024 * 1000), half: 1024, users: 1000)
        }
        for fraction in [0.0, 0.25, 0.5, 1] {
            let exponent = -0.2 * (fraction - 0.5)
            #expect(abs(log(next(fraction)) - exponent) <= 0.04 * abs(exponent) + 1e-9)
        }
        #expect(next(7) == next(1) && next(-3) == next(0))
        #expect(next(1, clip: 1.0 / 1024) == 1.0 / 1024 && next(0, clip: 1024) == 1024)
    }

    @Test("its cost is one more coordinate: μ² = 1/z² + 1/(4σ_b²), never less")
    func cost() throws {
        let event = try #require(try plan(adaptive).mechanismEvent(rounds: 1, parameters: 80))
        let mu = (1 / 16 + 1 / (4 * 400.0)).squareRoot()
        #expect(1 / event.noiseMultiplier >= mu * (1 - 1e-6) && 1 / event.noiseMultiplier < mu * 1.000_01)
        #expect(event.dimension == 81)
        let plain = try #require(try plan(nil).mechanismEvent(rounds: 1, parameters: 80))
        #expect(event.noiseMultiplier < plain.noiseMultiplier && plain.dimension == 80)
        // What is taken from the deltas' noise gives the wanted total.
        let left = try #require(adaptive.deltaNoiseMultiplier(total: 4))
        #expect(left > 4 && abs(1 / (left * left) + 1 / 1600 - 1 / 16) < 1e-12)
        #expect(AdaptiveClip(countDeviation: 2).deltaNoiseMultiplier(total: 4) == nil)
    }

    @Test("the plan's bytes name it, and plans of one clip keep theirs")
    func encoding() throws {
        for plan in [plan(adaptive), plan(nil), plan(adaptive, mode: { .central($0) })] {
            #expect(try Plan(encoded: plan.encoded()) == plan)
        }
        #expect(plan(adaptive).encoded().count == plan(nil).encoded().count + 25)
        #expect(plan(adaptive).coordinateCount(parameters: 80) == 81 && plan(nil).coordinateCount(parameters: 80) == 80)
    }

    @Test("a model version carries the clip", arguments: [0.1, 1.0 / 3, 1024])
    func version(_ clip: Double) throws {
        let plan = plan(adaptive)
        let recommender = try plan.recommender()
        let initial = ModelVersion(initialFor: plan, recommender: recommender)
        #expect(initial.clip == 1 && plan.clip(at: initial) == 1)
        let next = initial.next(round: RoundNumber(1), parent: Digest(of: [2]), delta: initial.parameters, by: plan.serverOptimizer, clip: clip)
        let read = try ModelVersion(encoded: next.encoded(layout: recommender.layout), layout: recommender.layout, optimizer: plan.serverOptimizer, plan: plan.digest)
        #expect(read == next && read.clip == clip)
        #expect(ModelVersion(initialFor: self.plan(nil), recommender: recommender).clip == nil)
    }

    @Test("parameters and count get their own widths of noise")
    func noise() throws {
        let noise = try #require(try plan(adaptive).noise())
        #expect(noise.parameters.standardDeviation == 4 << 20)
        #expect(noise.count?.standardDeviation == 40 << 20)
        #expect(try plan(nil).noise()?.count == nil)
    }

    @Test("tensors with clips of their own: the others get what the square of the clip leaves")
    func tensorClips() throws {
        var plan = plan(nil)
        let layout = try plan.recommender().layout
        let first = try #require(layout.tensors.first)
        func groups(_ clips: [TensorClip]) throws -> [ClipGroup] {
            plan.privacy.mechanism?.tensorClips = clips
            #expect(try Plan(encoded: plan.encoded()) == plan)
            return try #require(plan.privacy.mechanism).clipGroups(of: layout)
        }
        #expect(try groups([]).isEmpty)
        let both = try groups([TensorClip(tensor: first.name, clip: 0.6)])
        #expect(both.count == 2 && both[0] == ClipGroup(ranges: [first.range], share: 0.6) && abs(both[1].share - 0.8) < 1e-12)
        try plan.validate()
        for broken in [
            [TensorClip(tensor: "nothing", clip: 0.5)], [TensorClip(tensor: first.name, clip: 1)], [TensorClip(tensor: first.name, clip: -1)],
            [TensorClip(tensor: first.name, clip: 0.1), TensorClip(tensor: first.name, clip: 0.1)],
        ] {
            #expect(throws: FederationError.self) { try groups(broken) }
            #expect(throws: (any Error).self) { try plan.validate() }
        }
    }

    @Test("impossible settings are refused by name")
    func refused() throws {
        for (broken, field) in [
            (AdaptiveClip(quantile: 1, countDeviation: 20), "quantile"), (AdaptiveClip(learningRate: 0, countDeviation: 20), "learningRate"),
            (AdaptiveClip(countDeviation: 0), "countDeviation"),
        ] {
            do {
                try plan(broken).validate()
                Issue.record("accepted \(broken)")
            } catch { #expect("\(error)".contains(field)) }
        }
    }
}
