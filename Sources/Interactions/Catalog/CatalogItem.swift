/// An item of the shared list.
public struct CatalogItem: Sendable, Hashable {
    /// The public id, by which silos name the item in their events; not empty.
    public var id: String
    /// What a person reads; nil when unknown.
    public var title: String?
    public var categories: [String]

    public init(id: String, title: String? = nil, categories: [String] = []) {
        self.id = id
        self.title = title
        self.categories = categories
    }
}
