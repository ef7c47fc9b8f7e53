import Foundation
import LocalTraining
import RecommenderModels
import TestSupport
import Testing

@Suite("Optimisers")
struct OptimizerTests {
    /// 3 items of 2 coordinates and a bias: 9 parameters.
    private static let model = ModelConfiguration.bprMF(BPRMFConfiguration(dimension: 2))
    private static let start: [Float] = [0.5, -0.25, 0.125, 1.0, -1.5, 0.75, 2.0, -0.5, 0.0625]
    private static func slope(_ index: Int, _ step: Int) -> Float { Float((7 * index + 3 * step) % 11 - 5) / 8 }

    private static let optimizers: [(String, LocalOptimizer)] = [
        ("adam", .adam(learningRate: 0.05)),
        ("adamw", .adamW(AdamWSettings(learningRate: 0.05, beta1: 0.8, beta2: 0.95, weightDecay: 0.1))),
        ("adamw", .adamW(AdamWSettings(learningRate: 0.05, beta1: 0.8, beta2: 0.95, weightDecay: 0.1, sparse: true))),
        ("adamw-plain", .adamW(AdamWSettings(learningRate: 0.05, weightDecay: 0))),
        ("sgd", .sgd(learningRate: 0.05, momentum: 0.9)), ("adagrad", .adagrad(learningRate: 0.05)),
        ("adagrad", .adagradMomentum(learningRate: 0.05, momentum: 0)),
    ]

    @Test("five steps end where PyTorch's do", arguments: optimizers.indices)
    func golden(_ index: Int) throws {
        let (name, optimizer) = Self.optimizers[index]
        let path = PackageTree.root.appending(path: "Tests/RecommenderModelsTests/Golden/optimizers.txt")
        let rows = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map { $0.split(separator: " ") }
        var parameters = Self.start
        let model = try Self.model.recommender(itemCount: 3)
        var state = OptimizerState(optimizer, model)
        for step in 0..<5 {
            var gradient = GradientBuffer(model)
            gradient.touchEverything()
            for index in gradient.values.indices { gradient.values[index] = Self.slope(index, step) }
            state.step(&parameters, along: gradient)
            let row = try #require(rows.first { $0[0] == name && $0[1] == "\(step)" })
            for (value, expected) in zip(parameters, row.dropFirst(2)) {
                #expect(abs(value - (Float(expected) ?? .nan)) < 2e-6, "\(name) step \(step)")
            }
        }
    }

    @Test("momentum of Adagrad adds up the scaled steps")
    func adagradMomentum() throws {
        let model = try Self.model.recommender(itemCount: 3)
        var state = OptimizerState(.adagradMomentum(learningRate: 0.1, momentum: 0.5), model)
        var parameters = Self.start
        var (expected, squares, velocity) = (Self.start.map(Double.init), [Double](repeating: 0, count: 9), [Double](repeating: 0, count: 9))
        for step in 0..<5 {
            var gradient = GradientBuffer(model)
            gradient.touchEverything()
            for index in 0..<9 {
                let slope = Self.slope(index, step)
                gradient.values[index] = slope
                squares[index] += Double(slope) * Double(slope)
                velocity[index] = 0.5 * velocity[index] - 0.1 * Double(slope) / (squares[index].squareRoot() + 1e-10)
                expected[index] += velocity[index]
            }
            state.step(&parameters, along: gradient)
        }
        for index in 0..<9 { #expect(abs(Double(parameters[index]) - expected[index]) < 1e-5) }
    }

    @Test("weights decay also where a gradient is silent, unless the optimiser is sparse", arguments: [false, true])
    func sparse(_ sparse: Bool) throws {
        let model = try Self.model.recommender(itemCount: 3)
        var state = OptimizerState(.adamW(AdamWSettings(learningRate: 0.1, weightDecay: 0.5, sparse: sparse)), model)
        var parameters = Self.start
        state.step(&parameters, along: GradientBuffer(model))
        #expect(parameters == (sparse ? Self.start : Self.start.map { $0 * (1 - 0.1 * 0.5) }))
    }
}
