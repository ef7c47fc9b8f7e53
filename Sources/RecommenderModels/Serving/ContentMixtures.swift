internal import Glibc

/// Describes new items by known ones with which they share content: categories, words of the title.
///
/// Each shared token stands for the mean of the known items that have it, weighted by its rarity log((V + 1) / (items with it + 1)), so
/// that a token every item has says nothing.
public struct ContentMixtures: Sendable {
    private let itemCount: Int
    private let holders: [String: [Int32]]

    /// - Parameter tokens: those of each of the V known items.
    public init(tokens: [[String]]) {
        itemCount = tokens.count
        var holders: [String: [Int32]] = [:]
        for (item, own) in tokens.enumerated() {
            for token in Set(own) { holders[token, default: []].append(Int32(item)) }
        }
        self.holders = holders
    }

    /// The mixture for an item with these tokens; `nil` when it shares none that says anything.
    public func mixture(tokens: [String]) -> ItemMixture? {
        var weights: [Int32: Double] = [:]
        for token in Set(tokens).sorted() {
            guard let holders = holders[token] else { continue }
            let rarity = log(Double(itemCount + 1) / Double(holders.count + 1))
            for item in holders { weights[item, default: 0] += rarity / Double(holders.count) }
        }
        return ItemMixture(weights)
    }
}
