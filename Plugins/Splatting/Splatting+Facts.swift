import Genera

extension Splatting {
    /// What a person wants to know of a scene: how much there is, where, how large and opaque, and what looks odd.
    ///
    /// - Throws: `FormatError` for tensors that are not those of splats.
    public static func facts(of model: ModelCheckpoint) throws -> [Fact] {
        try SceneFacts(SplatScene(model)).facts
    }
}
