internal import Crypto

/// The shared list of items that all silos of a federation recommend from.
///
/// An item's index is its row. The list has exactly one encoding, so its digest names it: a plan is bound to a catalog by it.
public struct Catalog: Sendable, Hashable {
    public let items: [CatalogItem]
    private let table: IdentifierTable

    /// Empty titles become nil and empty categories disappear, as they do in the encoding.
    /// - Throws: ``ImportError`` for an empty or repeated id, or a category with a `|` in it.
    public init(items: [CatalogItem]) throws {
        var table = IdentifierTable()
        var normalized: [CatalogItem] = []
        normalized.reserveCapacity(items.count)
        for (row, item) in items.enumerated() {
            try Self.check(item, isNew: Int(table.intern(item.id)) == row, at: ImportError.Place(fileName: "catalog", line: row + 2, column: 1))
            normalized.append(Self.normalized(item))
        }
        self.items = normalized
        self.table = table
    }

    /// For rows that were checked one by one.
    init(checked items: [CatalogItem], table: IdentifierTable) {
        self.items = items
        self.table = table
    }

    /// V, the number of items.
    public var count: Int { items.count }

    /// The index of an id, or nil when the list does not hold it.
    public func index(of id: String) -> Int32? { table.index(of: id) }

    /// SHA-256 of ``encoded()``, 32 bytes.
    public var digest: [UInt8] { Array(SHA256.hash(data: encoded())) }

    static func normalized(_ item: CatalogItem) -> CatalogItem {
        CatalogItem(id: item.id, title: item.title.flatMap { $0.isEmpty ? nil : $0 }, categories: item.categories.filter { !$0.isEmpty })
    }

    static func check(_ item: CatalogItem, isNew: Bool, at place: ImportError.Place) throws {
        guard !item.id.isEmpty else { throw ImportError(.malformed, at: place, "expected an item id, found nothing; give every item one") }
        guard isNew else {
            throw ImportError(.duplicateItem, at: place, "item id \"\(item.id)\" appears twice; ids must be unique, so remove or rename one of the rows")
        }
        if let category = item.categories.first(where: { $0.utf8.contains(UInt8(ascii: "|")) }) {
            throw ImportError(.malformed, at: place, "category \"\(category)\" contains \"|\", which separates categories; rename it")
        }
    }
}
