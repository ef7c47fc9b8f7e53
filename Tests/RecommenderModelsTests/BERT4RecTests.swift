import Foundation
import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct BERT4RecTests {
    static func model(_ lastOnly: Float, maskProbability: Float = 0.3) throws -> BERT4Rec {
        let configuration = BERT4RecConfiguration(
            dimension: 4, maximumLength: 10, maskProbability: maskProbability, lastOnlyProbability: lastOnly, embeddingDropout: 0,
            attentionDropout: 0, hiddenDropout: 0)
        return try #require(ModelConfiguration.bert4rec(configuration).recommender(itemCount: 9) as? BERT4Rec)
    }

    static func loss(_ model: BERT4Rec, _ sequence: ArraySlice<Int32>, hidden: [Int]? = nil, seed: UInt64 = 1) -> LossSum {
        var (gradient, scratch) = (GradientBuffer(model), ScratchMemory())
        let parameters = SequenceModels.parameters(model)
        if let hidden {
            return model.accumulateGradient(
                parameters, sequences: [sequence], hidden: [hidden], negatives: [], stream: nil, weight: 1, into: &gradient, scratch: &scratch)
        }
        return model.accumulateGradient(
            parameters, sequences: [sequence], negatives: [], stream: RandomStream(seed: seed), weight: 1, into: &gradient, scratch: &scratch)
    }

    @Test("The share of events that the configuration names is hidden, at least one and never all", arguments: [(2, 1), (3, 1), (5, 2), (10, 3), (40, 3)])
    func counts(length: Int, hidden: Int) throws {
        let model = try Self.model(0)
        let sequence = (0..<length).map { Int32($0 % 9) }[...]
        #expect(Self.loss(model, sequence).targets == hidden)
        #expect(model.targetCount(of: [sequence]) == hidden)
        #expect(try Self.loss(Self.model(0, maskProbability: 0.99), sequence).targets == min(length, 10) - 1)
    }

    @Test("Every event is hidden sometimes; a sequence that hides the last only has the loss of just that")
    func places() throws {
        let sequence: ArraySlice<Int32> = [3, 7, 1, 0]
        let model = try Self.model(0)
        let each = (0..<4).map { Self.loss(model, sequence, hidden: [$0]).loss }
        let drawn = Set((0..<60).map { Self.loss(model, sequence, seed: $0).loss })
        #expect(drawn == Set(each) && drawn.count == 4)
        #expect(try Self.loss(Self.model(1), sequence) == Self.loss(model, sequence, hidden: [3]))
    }

    @Test("A hidden event is named from both sides, and its own item does not tell")
    func bothSides() throws {
        let model = try Self.model(0)
        let parameters = SequenceModels.parameters(model)
        // What stands behind the hidden event changes its loss.
        #expect(Self.loss(model, [3, 7, 1, 0], hidden: [1]).loss != Self.loss(model, [3, 7, 2, 0], hidden: [1]).loss)
        #expect(Self.loss(model, [3, 7, 1, 0], hidden: [1]).loss != Self.loss(model, [4, 7, 1, 0], hidden: [1]).loss)
        // The losses of all items in the hidden place are those of one distribution.
        let total = (0..<9).reduce(0.0) { $0 + exp(-Self.loss(model, [3, Int32($1), 1, 0], hidden: [1]).loss) }
        #expect(abs(total - 1) < 1e-5)
        // A history is scored by what a mask token behind it makes: the loss of the last event hidden tells the same.
        let scores = model.scores(parameters, histories: [[3, 7, 1]])
        let sum = scores.reduce(0.0) { $0 + exp(Double($1)) }
        #expect(abs(-log(exp(Double(scores[5])) / sum) - Self.loss(model, [3, 7, 1, 5], hidden: [3]).loss) < 1e-4)
    }
}
