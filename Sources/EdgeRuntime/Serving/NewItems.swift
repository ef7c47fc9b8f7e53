public import Interactions
internal import RecommenderModels

/// Items that the node's operator lists beside the plan's catalog, ready to be ranked with one model version.
///
/// The catalog of a plan is fixed, and so is what its model knows. An item that came later is described by known items: those with
/// which it shares categories and words of the title, and, the more events name it at this node, those it stands beside in histories.
public struct NewItems: Sendable {
    /// Those that can be ranked, in the order of the list.
    public let items: [CatalogItem]
    /// Listed items of which nothing is known: no shared content and no event beside a known item.
    public let undescribed: [CatalogItem]
    let mixtures: [ItemMixture]
    /// For models whose scores are products of vectors.
    let index: ExactIndex?
    private let places: [String: Int32]

    /// Users whose histories describe new items; the ones who came last.
    public static let mostHistories = 2000
    /// Events that content weighs as much as, when an item has both.
    static let contentEvents = 5.0
    /// Events before and after a new item's that count as beside it.
    static let reach = 3

    /// - Parameters:
    ///   - list: items the operator lists; those of the catalog are passed over.
    ///   - engine: ranks the plan's catalog with the model version that the items are described for.
    ///   - histories: of users who have an event with a listed item: public ids, the oldest first.
    public init(_ list: Catalog, beside engine: RecommendationEngine, histories: [[String]]) {
        let catalog = engine.catalog
        let content = ContentMixtures(tokens: catalog.items.map(\.contentTokens))
        let neighbours = Self.neighbours(of: list, in: histories, catalog: catalog)
        var (items, mixtures, undescribed): ([CatalogItem], [ItemMixture], [CatalogItem]) = ([], [], [])
        for item in list.items where catalog.index(of: item.id) == nil {
            let (beside, events) = neighbours[item.id] ?? ([:], 0)
            let shared = content.mixture(tokens: item.contentTokens)
            let met = ItemMixture(beside)
            let share = Double(events) / (Double(events) + Self.contentEvents)
            guard let mixture = met.flatMap({ met in shared?.blended(with: met, share: share) ?? met }) ?? shared else {
                undescribed.append(item)
                continue
            }
            items.append(item)
            mixtures.append(mixture)
        }
        self.items = items
        self.mixtures = mixtures
        self.undescribed = undescribed
        index = engine.index.map { ExactIndex($0.items.extended(by: mixtures), workers: 1) }
        places = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($0.element.id, Int32($0.offset)) })
    }

    /// No new items.
    public static let none = NewItems()

    private init() { (items, undescribed, mixtures, index, places) = ([], [], [], nil, [:]) }

    /// The place of an id in ``items``.
    func index(of id: String) -> Int32? { places[id] }

    /// For each listed item the known items near its events, and how many events it has.
    private static func neighbours(
        of list: Catalog, in histories: [[String]], catalog: Catalog
    ) -> [String: (beside: [Int32: Double], events: Int)] {
        var found: [String: (beside: [Int32: Double], events: Int)] = [:]
        for history in histories {
            for (place, id) in history.enumerated() where list.index(of: id) != nil {
                for other in history[max(0, place - reach)..<min(history.count, place + reach + 1)] {
                    if let known = catalog.index(of: other) { found[id, default: ([:], 0)].beside[known, default: 0] += 1 }
                }
                found[id, default: ([:], 0)].events += 1
            }
        }
        return found
    }
}

extension CatalogItem {
    /// What the item shares with others: its categories, and the words of its title, in lower case and longer than one letter.
    var contentTokens: [String] {
        let words = (title ?? "").lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 1 }
        return categories.map { "category " + $0 } + words.map { "word " + $0 }
    }
}
