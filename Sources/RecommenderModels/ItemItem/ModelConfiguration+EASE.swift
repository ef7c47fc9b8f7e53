/// A linear model from items to items with a closed form (Steck 2019, *Embarrassingly Shallow Autoencoders for Sparse Data*).
public struct EASEConfiguration: Sendable, Hashable {
    /// λ in units of the mean number of users of an item, so that it means the same for any number of users; above 0.
    /// The paper's λ is this times the number of training events divided by V.
    public var regularization: Float
    public var userWeight: UserWeight

    public init(regularization: Float = 1, userWeight: UserWeight = .equal) {
        self.regularization = regularization
        self.userWeight = userWeight
    }

    func validate() throws {
        guard regularization > 0, regularization.isFinite else {
            throw ModelError("the regularization of ease is \(regularization); choose a finite value above 0")
        }
    }
}
