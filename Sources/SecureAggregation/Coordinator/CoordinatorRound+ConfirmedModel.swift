extension CoordinatorRound {
    /// The next model that the nodes have confirmed; `nil` before the first confirmation, or when they differ.
    public var confirmedModel: Hash256? {
        let models = Set(confirmations.values.compactMap { try? Confirmation(body: $0.body).nextModel })
        return models.count == 1 ? models.first : nil
    }
}
