import GeneraTesting

/// The golden runners of all families.
public enum Goldens {
    /// Families that have a runner.
    public static let families = ["pfgmpp"]

    /// The runner of a family; nil if it has none.
    public static func runner(_ family: String) -> GoldenRunner? { family == "pfgmpp" ? PFGMPPGoldens.runner : nil }
}
