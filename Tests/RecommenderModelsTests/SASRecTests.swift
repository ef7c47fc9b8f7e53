import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct SASRecTests {
    static let items = 9
    static let sequences: [ArraySlice<Int32>] = [[3, 7, 1, 0, 8, 2], [5, 5, 6], [4], [8, 4], [1, 2, 3, 4, 5, 6, 7, 8]]
    static let shared: [Int32] = [0, 4, 8, 4, 7]
    static let shapes: [SASRecConfiguration] = [
        SASRecConfiguration(dimension: 4, blocks: 1, maximumLength: 5, embeddingDropout: 0, attentionDropout: 0, hiddenDropout: 0),
        SASRecConfiguration(
            dimension: 6, blocks: 2, heads: 2, maximumLength: 5, feedForwardDimension: 7, activation: .gelu, positions: .oldestFirst,
            tiedEmbeddings: false, outputBias: true, embeddingDropout: 0.2, attentionDropout: 0.3, hiddenDropout: 0.25),
        SASRecConfiguration(
            dimension: 3, blocks: 2, heads: 3, maximumLength: 40, feedForwardDimension: 5, outputBias: true, embeddingDropout: 0.3,
            attentionDropout: 0.2, hiddenDropout: 0.1),
        SASRecConfiguration(
            dimension: 4, blocks: 2, heads: 2, maximumLength: 6, feedForwardDimension: 7, residual: .normalized, embeddingDropout: 0.3,
            attentionDropout: 0.2, hiddenDropout: 0.1),
    ]
    static let losses: [SequenceLoss] = [
        .crossEntropy, .sampledSoftmax(negatives: 5, logQ: true), .bprMax(negatives: 5, regularization: 0.5),
        .binaryCrossEntropy(negatives: 1, shared: false), .binaryCrossEntropy(negatives: 5, shared: true),
        .generalizedBCE(negatives: 3, calibration: 0.75, shared: false), .generalizedBCE(negatives: 5, calibration: 0.5, shared: true),
        .bpr(negatives: 1, shared: false), .bpr(negatives: 5, shared: true),
    ]

    static func model(_ shape: SASRecConfiguration, _ loss: SequenceLoss = .crossEntropy, items: Int = items) throws -> any Recommender {
        var configuration = shape
        configuration.loss = loss
        return try ModelConfiguration.sasRec(configuration).recommender(itemCount: items)
    }

    static func parameters(_ model: any Recommender, scale: Float = 1.2) -> [Float] {
        var numbers = RandomStream(seed: 1, "parameters")
        return (0..<model.layout.count).map { _ in scale * (numbers.uniformFloat() - 0.5) }
    }

    @Test("SASRec's gradients agree with central differences in every tensor", arguments: losses, shapes)
    func centralDifferences(loss: SequenceLoss, shape: SASRecConfiguration) throws {
        let model = try Self.model(shape, loss)
        var parameters = Self.parameters(model)
        let negatives = model.sharedNegatives == 0 ? [] : Self.shared
        let stream = RandomStream(seed: 3, "step")
        var scratch = ScratchMemory()
        func evaluate(into gradient: inout GradientBuffer) -> Double {
            model.accumulateGradient(
                parameters, sequences: Self.sequences, negatives: negatives, stream: stream, weight: 0.5, into: &gradient, scratch: &scratch
            ).loss
        }
        var gradient = GradientBuffer(model)
        _ = evaluate(into: &gradient)
        var ignored = GradientBuffer(model)
        var outliers: [String] = []
        for tensor in model.layout.tensors {
            for index in tensor.range {
                let value = parameters[index]
                parameters[index] = value + 0x1p-8
                let above = evaluate(into: &ignored)
                parameters[index] = value - 0x1p-8
                let below = evaluate(into: &ignored)
                parameters[index] = value
                let slope = 0.5 * (above - below) / 0x1p-7
                if abs(Double(gradient.values[index]) - slope) > 5e-3 * (1 + abs(slope)) {
                    outliers.append("\(tensor.name)[\(index - tensor.range.lowerBound)]: \(gradient.values[index]) and \(slope)")
                }
            }
        }
        // A kink of ReLU between the two points of a difference makes few of them meaningless.
        #expect(outliers.count <= (shape.activation == .relu ? model.layout.count / 50 : 0), "\(outliers)")
    }

    @Test("SASRec's scores agree with a plain computation", arguments: shapes)
    func reference(shape: SASRecConfiguration) throws {
        let model = try Self.model(shape)
        let parameters = Self.parameters(model)
        let plain = PlainSASRec(configuration: shape, layout: model.layout, parameters: parameters)
        let scores = model.scores(parameters, histories: Self.sequences + [[]])
        for (row, history) in Self.sequences.enumerated() {
            for (item, score) in plain.scores(Array(history)).enumerated() {
                #expect(abs(Double(scores[row * Self.items + item]) - score) < 1e-4 * (1 + abs(score)), "history \(row), item \(item)")
            }
        }
    }

    @Test("A batch of any composition gives the sum of its sequences", arguments: losses)
    func packing(loss: SequenceLoss) throws {
        // Own negatives are drawn for the batch, and so not the same one by one.
        if case .binaryCrossEntropy(_, shared: false) = loss { return }
        if case .generalizedBCE(_, _, shared: false) = loss { return }
        if case .bpr(_, shared: false) = loss { return }
        let model = try Self.model(Self.shapes[0], loss)
        let parameters = Self.parameters(model)
        let negatives = model.sharedNegatives == 0 ? [] : Self.shared
        var scratch = ScratchMemory()
        func gradient(_ sequences: [ArraySlice<Int32>]) -> ([Float], LossSum) {
            var gradient = GradientBuffer(model)
            let loss = model.accumulateGradient(
                parameters, sequences: sequences, negatives: negatives, stream: nil, weight: 1, into: &gradient, scratch: &scratch)
            return (gradient.values, loss)
        }
        let together = gradient(Self.sequences)
        var sum = [Float](repeating: 0, count: model.layout.count)
        var total = LossSum()
        for sequence in Self.sequences {
            let alone = gradient([sequence])
            for index in sum.indices { sum[index] += alone.0[index] }
            total += alone.1
        }
        #expect(together.1.targets == total.targets && total.targets == model.targetCount(of: Self.sequences))
        #expect(abs(together.1.loss - total.loss) < 1e-4)
        for index in sum.indices { #expect(abs(sum[index] - together.0[index]) < 1e-4 * (1 + abs(sum[index]))) }
    }

    @Test("More positions than run together give the sum of their parts")
    func chunks() throws {
        let model = try Self.model(Self.shapes[2])
        let parameters = Self.parameters(model)
        let many = (0..<90).map { first in (0..<30).map { Int32((first * 7 + $0 * $0) % Self.items) }[...] }
        var scratch = ScratchMemory()
        var together = GradientBuffer(model)
        let loss = model.accumulateGradient(parameters, sequences: many, negatives: [], stream: nil, weight: 0.01, into: &together, scratch: &scratch)
        var apart = GradientBuffer(model)
        var total = LossSum()
        for sequence in many {
            total += model.accumulateGradient(parameters, sequences: [sequence], negatives: [], stream: nil, weight: 0.01, into: &apart, scratch: &scratch)
        }
        #expect(loss.targets == 90 * 29 && total.targets == loss.targets)
        #expect(abs(loss.loss - total.loss) < 1e-5 * total.loss)
        for index in together.values.indices { #expect(abs(together.values[index] - apart.values[index]) < 1e-4 * (1 + abs(apart.values[index]))) }
    }

    @Test("Only the most recent events of a long history or sequence count, and none is asked of an empty one")
    func lengths() throws {
        let model = try Self.model(Self.shapes[1])
        let parameters = Self.parameters(model)
        let long: [Int32] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2]
        #expect(model.scores(parameters, histories: [long[...]]) == model.scores(parameters, histories: [long.suffix(5)]))
        #expect(model.targetCount(of: [long[...]]) == 5)
        var scratch = ScratchMemory()
        var whole = GradientBuffer(model)
        _ = model.accumulateGradient(parameters, sequences: [long[...]], negatives: [], stream: nil, weight: 1, into: &whole, scratch: &scratch)
        var end = GradientBuffer(model)
        _ = model.accumulateGradient(parameters, sequences: [long.suffix(6)], negatives: [], stream: nil, weight: 1, into: &end, scratch: &scratch)
        #expect(whole.values == end.values)
        #expect(model.scores(parameters, histories: [[]]).allSatisfy { $0.isFinite })
        let none = model.accumulateGradient(parameters, sequences: [[], [3]], negatives: [], stream: nil, weight: 1, into: &end, scratch: &scratch)
        #expect(none == LossSum())
    }

    @Test("A prepared model's queries and vectors give the model's scores", arguments: shapes)
    func prepared(shape: SASRecConfiguration) throws {
        let model = try Self.model(shape)
        let parameters = Self.parameters(model)
        let prepared = model.prepared(parameters)
        let vectors = try #require(prepared.itemVectors)
        let queries = prepared.queries(histories: Self.sequences)
        let scores = model.scores(parameters, histories: Self.sequences)
        #expect(prepared.scores(histories: Self.sequences) == scores)
        for row in Self.sequences.indices {
            for item in 0..<Self.items {
                var score = vectors.biases.isEmpty ? 0 : vectors.biases[item]
                for i in 0..<vectors.width { score += queries[row * vectors.width + i] * vectors.vectors[item * vectors.width + i] }
                #expect(abs(score - scores[row * Self.items + item]) < 1e-4)
            }
        }
    }
}
