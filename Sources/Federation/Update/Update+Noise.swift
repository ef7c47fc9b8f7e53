public import DifferentialPrivacy

extension Update where Stage == Clipped {
    /// Adds discrete Gaussian noise to every coordinate: the Gaussian mechanism of privacy mode `local`.
    /// - Throws: what the noise source throws; nothing may be sent then.
    public consuming func noised(with noise: DiscreteGaussian, from stream: inout any NoiseStream) throws -> Update<Noised> {
        var noisy = coordinates
        try noise.add(to: &noisy, from: &stream)
        return Update<Noised>(coordinates: noisy)
    }
}
