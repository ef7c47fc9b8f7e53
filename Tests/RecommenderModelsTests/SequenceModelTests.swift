import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// Small models of every kind of layer, with the given loss.
enum SequenceModels {
    static let losses: [SequenceLoss] = [
        .crossEntropy, .sampledSoftmax(negatives: 5, logQ: true), .bprMax(negatives: 5, regularization: 0.5),
    ]

    static func all(_ loss: SequenceLoss) -> [ModelConfiguration] {
        [
            .lstm(LSTMConfiguration(embeddingDimension: 3, hiddenDimension: 3, loss: loss)),
            .lstm(LSTMConfiguration(
                embeddingDimension: 3, hiddenDimension: 5, layers: 2, embeddingDropout: 0.3, hiddenDropout: 0.4, loss: loss)),
            .lstm(LSTMConfiguration(
                embeddingDimension: 5, hiddenDimension: 2, layers: 3, tiedEmbeddings: false, hiddenDropout: 0.2, loss: loss)),
            .caser(CaserConfiguration(dimension: 4, window: 3, horizontalFilters: 2, verticalFilters: 2, loss: loss)),
            .caser(CaserConfiguration(
                dimension: 3, window: 5, horizontalFilters: 3, maximumHeight: 2, verticalFilters: 1, tiedEmbeddings: true, dropout: 0.3, loss: loss)),
            .bert4rec(BERT4RecConfiguration(
                dimension: 4, heads: 2, maximumLength: 5, feedForwardDimension: 6, maskProbability: 0.4, lastOnlyProbability: 0.5, loss: loss)),
            .bert4rec(BERT4RecConfiguration(
                dimension: 3, blocks: 1, heads: 1, maximumLength: 8, feedForwardDimension: 3, maskProbability: 0.3, lastOnlyProbability: 0,
                embeddingDropout: 0, attentionDropout: 0, hiddenDropout: 0, loss: loss)),
        ]
    }
    static let everyLoss = losses.flatMap { all($0) }
    static let sequences: [ArraySlice<Int32>] = [[3, 7, 1, 0, 8, 2], [5, 5, 6], [8, 4]]
    static let itemCount = 9

    /// The parameters are drawn so that no rectified value or maximum changes sides within a difference.
    static func parameters(_ model: any Recommender) -> [Float] {
        var numbers = RandomStream(seed: 1, "parameters")
        return (0..<model.layout.count).map { _ in 1.2 * numbers.uniformFloat() - 0.6 }
    }
}

@Suite struct SequenceModelTests {
    @Test("Gradients agree with central differences in every tensor", arguments: SequenceModels.everyLoss)
    func centralDifferences(configuration: ModelConfiguration) throws {
        let model = try configuration.recommender(itemCount: SequenceModels.itemCount)
        let stream = RandomStream(seed: 3, "dropout")
        var parameters = SequenceModels.parameters(model)
        let negatives: [Int32] = model.sharedNegatives == 0 ? [] : [0, 4, 8, 4, 7]
        var scratch = ScratchMemory()
        func evaluate(into gradient: inout GradientBuffer) -> Double {
            model.accumulateGradient(
                parameters, sequences: SequenceModels.sequences, negatives: negatives, stream: stream, weight: 0.5, into: &gradient,
                scratch: &scratch
            ).loss
        }
        var gradient = GradientBuffer(model)
        _ = evaluate(into: &gradient)
        var ignored = GradientBuffer(model)
        for tensor in model.layout.tensors {
            let isReached = gradient.values[tensor.range].contains { $0 != 0 }
            #expect(isReached, "\(tensor.name) has no gradient")
            for index in tensor.range {
                let value = parameters[index]
                parameters[index] = value + 0x1p-9
                let above = evaluate(into: &ignored)
                parameters[index] = value - 0x1p-9
                let below = evaluate(into: &ignored)
                parameters[index] = value
                let slope = 0.5 * (above - below) / 0x1p-8
                #expect(abs(Double(gradient.values[index]) - slope) < 4e-3 * (1 + abs(slope)), "\(tensor.name)[\(index - tensor.range.lowerBound)]")
            }
        }
    }

    @Test("A batch's gradient is the sum of its sequences', and a sequence of one event has none", arguments: SequenceModels.all(.crossEntropy))
    func batches(configuration: ModelConfiguration) throws {
        let model = try configuration.recommender(itemCount: SequenceModels.itemCount)
        let parameters = SequenceModels.parameters(model)
        var scratch = ScratchMemory()
        func gradient(_ sequences: [ArraySlice<Int32>]) -> (GradientBuffer, LossSum) {
            var gradient = GradientBuffer(model)
            let loss = model.accumulateGradient(
                parameters, sequences: sequences, negatives: [], stream: nil, weight: 2, into: &gradient, scratch: &scratch)
            return (gradient, loss)
        }
        let (together, loss) = gradient(SequenceModels.sequences + [[4], []])
        let nominal = model.targetCount(of: SequenceModels.sequences + [[4], []])
        #expect(loss.targets == nominal || model is BERT4Rec && loss.targets <= nominal)
        var (parts, partLoss) = (GradientBuffer(model), LossSum())
        for sequence in SequenceModels.sequences {
            let (part, loss) = gradient([sequence])
            parts.add(part)
            partLoss += loss
        }
        #expect(abs(loss.loss - partLoss.loss) < 1e-5 && loss.targets == partLoss.targets)
        for index in parameters.indices { #expect(abs(together.values[index] - parts.values[index]) < 1e-5) }
        let (none, nothing) = gradient([[4], []])
        #expect(nothing == LossSum() && none.values.allSatisfy { $0 == 0 })
    }

    @Test("Scores are queries times item vectors plus biases", arguments: SequenceModels.all(.crossEntropy))
    func queries(configuration: ModelConfiguration) throws {
        let model = try configuration.recommender(itemCount: SequenceModels.itemCount)
        let prepared = model.prepared(SequenceModels.parameters(model))
        let items = try #require(prepared.itemVectors)
        var numbers = RandomStream(seed: 4)
        let histories = (0..<70).map { index in (0..<(index * index % 230)).map { _ in Int32(numbers.below(9)) }[...] }
        let (queries, scores) = (prepared.queries(histories: histories), prepared.scores(histories: histories))
        for row in histories.indices {
            for item in 0..<9 {
                let product = (0..<items.width).reduce(items.biases[item]) {
                    $0 + queries[row * items.width + $1] * items.vectors[item * items.width + $1]
                }
                #expect(abs(product - scores[row * 9 + item]) < 1e-4)
            }
        }
    }

    @Test("Only the last events of Caser's window count, and a short history is one preceded by zero vectors")
    func window() throws {
        let configuration = CaserConfiguration(dimension: 4, window: 3, horizontalFilters: 2, verticalFilters: 2)
        let model = try ModelConfiguration.caser(configuration).recommender(itemCount: 9)
        var parameters = SequenceModels.parameters(model)
        let long = model.scores(parameters, histories: [[8, 8, 8, 1, 2, 3], [1, 2, 3], [0, 2, 3]])
        #expect(long[0..<9].elementsEqual(long[9..<18]))
        #expect(!long[0..<9].elementsEqual(long[18..<27]))
        for index in 0..<4 { parameters[index] = 0 }
        let padded = model.scores(parameters, histories: [[0, 0, 3], [3], [0, 0, 0], []])
        #expect(padded[0..<9].elementsEqual(padded[9..<18]))
        #expect(padded[18..<27].elementsEqual(padded[27..<36]))
    }
}
