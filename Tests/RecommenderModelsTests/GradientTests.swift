import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct GradientTests {
    static let losses: [SequenceLoss] = [
        .crossEntropy, .sampledSoftmax(negatives: 5, logQ: true), .sampledSoftmax(negatives: 5, logQ: false),
        .bprMax(negatives: 5, regularization: 0.5),
    ]
    static let shapes: [GRU4RecConfiguration] = [
        GRU4RecConfiguration(embeddingDimension: 3, hiddenDimension: 3),
        GRU4RecConfiguration(embeddingDimension: 3, hiddenDimension: 5, layers: 2, embeddingDropout: 0.3, hiddenDropout: 0.4),
        GRU4RecConfiguration(embeddingDimension: 5, hiddenDimension: 2, layers: 3, tiedEmbeddings: false, hiddenDropout: 0.2),
    ]
    static let sequences: [ArraySlice<Int32>] = [[3, 7, 1, 0, 8, 2], [5, 5, 6], [8, 4]]
    static let negatives: [Int32] = [0, 4, 8, 4, 7]

    /// In single precision a central difference resolves a slope to about 10⁻³ of the loss; the step is chosen for that.
    @Test("GRU4Rec's gradients agree with central differences in every tensor", arguments: losses, shapes)
    func centralDifferences(loss: SequenceLoss, shape: GRU4RecConfiguration) throws {
        var configuration = shape
        configuration.loss = loss
        let model = try ModelConfiguration.gru4rec(configuration).recommender(itemCount: 9)
        let stream = RandomStream(seed: 3, "dropout")
        var numbers = RandomStream(seed: 1, "parameters")
        var parameters = (0..<model.layout.count).map { _ in 1.2 * numbers.uniformFloat() - 0.6 }
        let negatives = model.sharedNegatives == 0 ? [] : Self.negatives
        var scratch = ScratchMemory()
        func evaluate(into gradient: inout GradientBuffer) -> Double {
            model.accumulateGradient(
                parameters, sequences: Self.sequences, negatives: negatives, stream: stream, weight: 0.5, into: &gradient, scratch: &scratch
            ).loss
        }
        var gradient = GradientBuffer(model)
        _ = evaluate(into: &gradient)
        var ignored = GradientBuffer(model)
        for tensor in model.layout.tensors {
            for index in tensor.range {
                let value = parameters[index]
                parameters[index] = value + 0x1p-7
                let above = evaluate(into: &ignored)
                parameters[index] = value - 0x1p-7
                let below = evaluate(into: &ignored)
                parameters[index] = value
                let slope = 0.5 * (above - below) / 0x1p-6
                #expect(abs(Double(gradient.values[index]) - slope) < 2e-3 * (1 + abs(slope)), "\(tensor.name)[\(index - tensor.range.lowerBound)]")
            }
        }
    }

    @Test("The gradient is zero outside the rows it declares active, and those are few when negatives are sampled")
    func activeRows() throws {
        let configuration = GRU4RecConfiguration(
            embeddingDimension: 3, hiddenDimension: 4, tiedEmbeddings: false, loss: .sampledSoftmax(negatives: 2, logQ: true))
        let model = try ModelConfiguration.gru4rec(configuration).recommender(itemCount: 100)
        let parameters = model.initialParameters(RandomStream(seed: 1))
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        _ = model.accumulateGradient(
            parameters, sequences: [[3, 7, 1]], negatives: [50, 60], stream: nil, weight: 1, into: &gradient, scratch: &scratch)
        var isActive = [Bool](repeating: false, count: model.layout.count)
        for range in gradient.activeRanges { for index in range { isActive[index] = true } }
        #expect(gradient.values.indices.allSatisfy { isActive[$0] || gradient.values[$0] == 0 })
        let embedding = try #require(model.layout["item.embedding"])
        #expect(isActive[embedding.range].count { $0 } == 2 * 3)
        let output = try #require(model.layout["output.embedding"])
        #expect(isActive[output.range].count { $0 } == 4 * 4)
        gradient.reset()
        #expect(gradient.values.allSatisfy { $0 == 0 })
    }

    @Test("Weights scale the gradient and gradients add up")
    func accumulation() throws {
        let model = try ModelConfiguration.gru4rec(GRU4RecConfiguration(embeddingDimension: 4, hiddenDimension: 4)).recommender(itemCount: 9)
        let parameters = model.initialParameters(RandomStream(seed: 1))
        var scratch = ScratchMemory()
        var once = GradientBuffer(model)
        _ = model.accumulateGradient(parameters, sequences: Self.sequences, negatives: [], stream: nil, weight: 2, into: &once, scratch: &scratch)
        var parts = GradientBuffer(model)
        for sequence in Self.sequences {
            var part = GradientBuffer(model)
            _ = model.accumulateGradient(parameters, sequences: [sequence], negatives: [], stream: nil, weight: 2, into: &part, scratch: &scratch)
            parts.add(part)
        }
        for index in once.values.indices { #expect(abs(once.values[index] - parts.values[index]) < 1e-5) }
    }
}
