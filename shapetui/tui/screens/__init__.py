"""The screens: each composes its panels and shows the state that the app hands it; none holds any of it."""
