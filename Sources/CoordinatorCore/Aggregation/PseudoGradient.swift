package import Federation

/// The mean update of a round, in the units of the parameters.
package struct PseudoGradient {
    package let delta: [Float]

    /// - Parameters:
    ///   - sum: centred grid coordinates; with privacy `off` the last one is the summed weight.
    ///   - enrolledUsers: Σ over the nodes in the sum, as declared; the public normaliser of private modes, times the sampling rate.
    /// - Returns: `nil` when nothing carries weight.
    package init?(sum: [Int64], plan: Plan, enrolledUsers: Int) {
        let normaliser: Double
        let coordinates: ArraySlice<Int64>
        if let mechanism = plan.privacy.mechanism {
            normaliser = Double(enrolledUsers) * mechanism.samplingRate
            coordinates = sum[...]
        } else {
            normaliser = Double(sum.last ?? 0)
            coordinates = sum.dropLast()
        }
        guard normaliser > 0 else { return nil }
        let divisor = plan.privacy.grid.scale * normaliser
        delta = coordinates.map { Float(Double($0) / divisor) }
    }
}
