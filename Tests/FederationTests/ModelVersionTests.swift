import Federation
import RecommenderModels
import Tensors
import Testing

@Suite("Model versions")
struct ModelVersionTests {
    static let rules: [ServerOptimizer] = [
        .fedAvg(learningRate: 0.5), .fedAvgM(learningRate: 0.5, momentum: 0.9), .fedAdam(learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001),
        .fedYogi(learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001), .fedAdagrad(learningRate: 0.1, tau: 0.001), .replace,
    ]

    @Test("a version comes back from its file, state and all", arguments: rules)
    func roundTrip(_ rule: ServerOptimizer) throws {
        let plan = Plan.example(serverOptimizer: rule)
        let recommender = try plan.recommender()
        let first = ModelVersion(initialFor: plan, recommender: recommender)
        let bytes = first.encoded(layout: recommender.layout)
        #expect(bytes == ModelVersion(initialFor: plan, recommender: recommender).encoded(layout: recommender.layout))
        let delta = (0..<recommender.layout.count).map { Float($0 % 7) / 8 - 0.25 }
        let second = first.next(round: RoundNumber(1), parent: Digest(of: bytes), delta: delta, by: rule)
        let decoded = try ModelVersion(encoded: second.encoded(layout: recommender.layout), layout: recommender.layout, optimizer: rule, plan: plan.digest)
        #expect(decoded == second)
        #expect(decoded.parent == Digest(of: bytes) && decoded.round == 1)
    }

    @Test("a file of another plan, another rule, or with a value that is no number is refused")
    func refusals() throws {
        let plan = Plan.example(serverOptimizer: Self.rules[2])
        let layout = try plan.recommender().layout
        let version = ModelVersion(initialFor: plan, recommender: try plan.recommender())
        let bytes = version.encoded(layout: layout)
        #expect(throws: FederationError.self) { try ModelVersion(encoded: bytes, layout: layout, optimizer: Self.rules[2], plan: Plan.example(seed: 8).digest) }
        #expect(throws: FederationError.self) { try ModelVersion(encoded: bytes, layout: layout, optimizer: Self.rules[0], plan: plan.digest) }
        #expect(throws: FederationError.self) { try ModelVersion(encoded: Array(bytes.dropLast()), layout: layout, optimizer: Self.rules[2], plan: plan.digest) }
        var broken = version.parameters
        broken[0] = .nan
        let damaged = ModelVersion(plan: plan.digest, round: 0, parent: nil, parameters: broken, optimizerState: version.optimizerState).encoded(layout: layout)
        #expect(throws: FederationError.self) { try ModelVersion(encoded: damaged, layout: layout, optimizer: Self.rules[2], plan: plan.digest) }
    }

    /// What reading the bytes with the layout of `plan` says is wrong.
    private func complaint(_ bytes: [UInt8], _ plan: Plan, layout: ParameterLayout? = nil) throws -> String {
        let layout = try layout ?? plan.recommender().layout
        do { _ = try ModelVersion(encoded: bytes, layout: layout, optimizer: plan.serverOptimizer, plan: plan.digest) } catch let error as FederationError {
            #expect(error.code == .corrupted)
            return error.message
        }
        return "nothing"
    }

    @Test("a file of another layout or another version of the format is refused with what differs and what to do")
    func otherLayouts() throws {
        let plan = Plan.example(serverOptimizer: Self.rules[0])
        let recommender = try plan.recommender()
        let bytes = ModelVersion(initialFor: plan, recommender: recommender).encoded(layout: recommender.layout)
        let larger = try plan.model.recommender(itemCount: plan.catalog.itemCount + 1)
        #expect(try complaint(bytes, plan, layout: larger.layout).contains("check the catalog and the model's dimensions"))
        let other = try ModelConfiguration.gru4rec(GRU4RecConfiguration(embeddingDimension: 3)).recommender(itemCount: plan.catalog.itemCount)
        #expect(try complaint(bytes, plan, layout: other.layout).contains("belongs to another model"))
        var file = try Safetensors(decoding: bytes)
        file.metadata["format"] = "tributary.model.v2"
        #expect(try complaint(file.encoded(), plan).contains("has the format tributary.model.v2"))
        file.metadata["format"] = "pt"
        #expect(try complaint(file.encoded(), plan).contains("no model version"))
    }

    @Test("a file with a value that is no finite number is refused, in the parameters and in the optimiser's state", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) throws {
        let plan = Plan.example(serverOptimizer: Self.rules[1])
        let recommender = try plan.recommender()
        let file = try Safetensors(decoding: ModelVersion(initialFor: plan, recommender: recommender).encoded(layout: recommender.layout))
        #expect(try complaint(file.encoded(), plan) == "nothing")
        for tensor in file.tensors.indices {
            var broken = file
            broken.tensors[tensor].values[broken.tensors[tensor].values.count - 1] = value
            #expect(try complaint(broken.encoded(), plan).contains("no finite numbers"), "\(broken.tensors[tensor].name)")
        }
    }

    @Test("the rules give the numbers of Reddi et al., algorithm 2")
    func steps() {
        /// Two steps from θ = 1 with Δ = 0.5 then −0.25, worked out in double precision.
        func twoSteps(_ rule: ServerOptimizer) -> Float {
            var (theta, state) = ([Float(1)], rule.initialState(dimension: 1))
            rule.step(&theta, &state, delta: [0.5])
            rule.step(&theta, &state, delta: [-0.25])
            return theta[0]
        }
        #expect(twoSteps(Self.rules[0]) == 1.125)
        #expect(twoSteps(.replace) == -0.25)
        #expect(twoSteps(Self.rules[1]) == 1.35)  // 1 + 0.5 · 0.5 + 0.5 · (0.9 · 0.5 − 0.25)
        func close(_ value: Float, _ expected: Double) -> Bool { abs(Double(value) - expected) < 1e-6 }
        // Both steps in double precision: how far θ goes for m and v.
        func way(_ m: Double, _ v: Double) -> Double { 0.1 * m / (v.squareRoot() + 0.001) }
        let (m1, m2): (Double, Double) = (0.05, 0.9 * 0.05 - 0.1 * 0.25)
        let start: Double = 1e-6
        let adam1: Double = 0.99 * start + 0.01 * 0.25
        let adam2: Double = 0.99 * adam1 + 0.01 * 0.0625
        #expect(close(twoSteps(Self.rules[2]), 1 + way(m1, adam1) + way(m2, adam2)))
        // v stays below Δ², so Yogi's grows.
        let yogi1: Double = start + 0.01 * 0.25
        let yogi2: Double = yogi1 + 0.01 * 0.0625
        #expect(close(twoSteps(Self.rules[3]), 1 + way(m1, yogi1) + way(m2, yogi2)))
        let grad1: Double = start + 0.25
        let grad2: Double = grad1 + 0.0625
        #expect(close(twoSteps(Self.rules[4]), 1 + way(0.5, grad1) + way(-0.25, grad2)))
    }
}
