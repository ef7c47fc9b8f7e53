import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite("Item vectors from public content")
struct ItemContentTests {
    private let stream = RandomStream(seed: 4, "initial model")

    private func rows(_ content: ItemContent?, tied: Bool = true, table: String = "item.embedding") throws -> [[Float]] {
        let model = try ModelConfiguration.gru4rec(GRU4RecConfiguration(embeddingDimension: 16, hiddenDimension: 8, tiedEmbeddings: tied)).recommender(itemCount: 40)
        let parameters = content.map { model.initialParameters(stream, content: $0) } ?? model.initialParameters(stream)
        let tensor = try #require(model.layout[table])
        return (0..<40).map { Array(parameters[tensor.range][(tensor.range.lowerBound + $0 * tensor.rowWidth)...].prefix(tensor.rowWidth)) }
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Float {
        func dot(_ x: [Float], _ y: [Float]) -> Float { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    @Test("items of one category start alike, items of different ones do not", arguments: ["item.embedding", "output.embedding"])
    func alike(table: String) throws {
        let content = ItemContent(categories: (0..<40).map { ["category \($0 % 4)"] })
        let vectors = try rows(content, tied: false, table: table)
        var (same, other): ([Float], [Float]) = ([], [])
        for a in 0..<40 { for b in 0..<a { if (a - b) % 4 == 0 { same.append(cosine(vectors[a], vectors[b])) } else { other.append(cosine(vectors[a], vectors[b])) } } }
        #expect(same.reduce(0, +) / Float(same.count) > 0.75)
        #expect(abs(other.reduce(0, +) / Float(other.count)) < 0.5)
    }

    @Test("an item without a category, and a catalog without any, start as without content")
    func without() throws {
        let plain = try rows(nil)
        #expect(try rows(ItemContent(categories: Array(repeating: [], count: 40))) == plain)
        let vectors = try rows(ItemContent(categories: (0..<40).map { $0 == 7 ? [] : ["all"] }))
        #expect(vectors[7] == plain[7])
        #expect(vectors[8] != plain[8])
    }

    @Test("the order in which categories are met changes nothing")
    func order() throws {
        let one = try rows(ItemContent(categories: (0..<40).map { $0 < 20 ? ["a"] : ["b"] }))
        let two = try rows(ItemContent(categories: (0..<40).map { $0 < 20 ? ["b"] : ["a"] }))
        #expect(cosine(one[0], two[39]) > 0.5)
    }
}
