"""Questions about f(Z) for a standard normal Z.

One question has one home: averages `moments.gaussian`; the rule, the ellipse and the remainder of sums that
certify `quadrature.rule`, `quadrature.ellipse`, `quadrature.remainder`; P(low < Z < high) `inverse.mass`;
where f takes a level `inverse.MonotonePiece`; when a gradient counts as flat `flat_share.FLAT`.
"""
